package io.weir.dataplane.sync;

/**
 * Gathers entries into messages and sends these when their time has come, for each port on its own.
 *
 * <p>The times are the kernel's (recorded: flush-timing, flush-many): a message that is full waits
 * {@value #QUEUE_MILLIS} ms for others, or until there are {@value #QUEUED_MESSAGES}; one that is
 * not is sent when its first entry is {@value #AGE_MILLIS} ms old, which is looked after every
 * {@value #CHECK_MILLIS} ms. With a delay of its own, both go when that is over.
 *
 * <p>Owned by the worker; nothing here allocates but the constructor.
 */
public final class SyncOutbox {
    /** How long entries stay in a message that does not get full. */
    static final int AGE_MILLIS = 2_000;

    /** How often such a message is looked after: a kernel's timer of a second at 100 Hz. */
    static final int CHECK_MILLIS = 1_040;

    /** How long full messages wait for others. */
    static final int QUEUE_MILLIS = 20;

    /** How many full messages do not wait. */
    static final int QUEUED_MESSAGES = 8;

    private final SyncTransport transport;
    private final Lane[] lanes;
    private final SyncCounters counters;

    /**
     * Makes an empty outbox.
     *
     * @param daemon with its own maximum length
     * @param ports how many ports the transport has, a power of two
     * @param nowMillis when the daemon starts
     */
    public SyncOutbox(
            SyncDaemon daemon,
            int ports,
            SyncTransport transport,
            SyncCounters counters,
            long nowMillis) {
        this.transport = transport;
        this.counters = counters;
        this.lanes = new Lane[ports];
        for (int port = 0; port < ports; port++) {
            lanes[port] = new Lane(daemon, port, nowMillis);
        }
    }

    /**
     * Adds an entry to the message of a port.
     *
     * @param spread any number that stays the same for a connection; says which port
     * @param version0 the message's version
     */
    public void add(SyncEntry entry, int spread, boolean version0, long nowMillis) {
        lanes[spread & (lanes.length - 1)].add(entry, version0, nowMillis);
    }

    /**
     * Sends what is due.
     *
     * @param delayMillis an entry leaves before it is so old; 1 with the packets that made it, 0
     *     for the kernel's times
     * @return the messages sent
     */
    public int work(long nowMillis, int delayMillis) {
        int sent = 0;
        for (int i = 0; i < lanes.length; i++) {
            sent += lanes[i].work(nowMillis, delayMillis);
        }
        return sent;
    }

    /** Sends all there is. */
    public void flush(long nowMillis) {
        for (int i = 0; i < lanes.length; i++) {
            lanes[i].flush(nowMillis);
        }
    }

    /** The message of one port and those before it. */
    private final class Lane {
        private final int port;
        private final SyncMessageWriter writer;
        private final byte[][] queue = new byte[QUEUED_MESSAGES][];
        private final int[] lengths = new int[QUEUED_MESSAGES];
        private int queued;
        private long firstQueuedMillis;
        private long firstEntryMillis;
        private long nextCheckMillis;

        Lane(SyncDaemon daemon, int port, long nowMillis) {
            this.port = port;
            this.writer = new SyncMessageWriter(daemon.syncId(), daemon.maxLength());
            for (int i = 0; i < queue.length; i++) {
                queue[i] = new byte[SyncMessageWriter.capacity(daemon.maxLength())];
            }
            this.nextCheckMillis = nowMillis + CHECK_MILLIS;
        }

        void add(SyncEntry entry, boolean version0, long nowMillis) {
            if (writer.entries() > 0 && writer.version0() != version0) {
                enqueue(nowMillis);
            }
            if (writer.entries() > 0 && writer.append(entry)) {
                counters.entrySent();
                return;
            }
            if (writer.entries() > 0) {
                enqueue(nowMillis);
            }
            writer.begin(version0);
            writer.append(entry);
            counters.entrySent();
            firstEntryMillis = nowMillis;
        }

        private void enqueue(long nowMillis) {
            if (queued == 0) {
                firstQueuedMillis = nowMillis;
            }
            lengths[queued] = writer.finish();
            queue[queued] = writer.exchange(queue[queued]);
            queued++;
            writer.begin(writer.version0());
            if (queued == QUEUED_MESSAGES) {
                sendQueue(nowMillis);
            }
        }

        private int sendQueue(long nowMillis) {
            int sent = queued;
            for (int i = 0; i < queued; i++) {
                send(queue[i], lengths[i]);
            }
            queued = 0;
            nextCheckMillis = nowMillis + CHECK_MILLIS;
            return sent;
        }

        int work(long nowMillis, int delayMillis) {
            if (queued == 0 && writer.entries() == 0) {
                nextCheck(nowMillis);
                return 0;
            }
            int sent = 0;
            boolean wakes = queued > 0 && nowMillis - firstQueuedMillis >= QUEUE_MILLIS;
            if (wakes) {
                sent = sendQueue(nowMillis);
            }
            boolean looks = nextCheck(nowMillis) || wakes;
            if (writer.entries() > 0) {
                long age = nowMillis - firstEntryMillis;
                if (delayMillis > 0 ? age >= delayMillis - 1 : looks && age >= AGE_MILLIS) {
                    sent += flush(nowMillis);
                }
            }
            return sent;
        }

        int flush(long nowMillis) {
            int sent = sendQueue(nowMillis);
            if (writer.entries() > 0) {
                send(writer.message(), writer.finish());
                writer.begin(writer.version0());
                sent++;
            }
            return sent;
        }

        // The daemon looks at regular times, whether there is something or not.
        private boolean nextCheck(long nowMillis) {
            if (nowMillis < nextCheckMillis) {
                return false;
            }
            long late = (nowMillis - nextCheckMillis) % CHECK_MILLIS;
            nextCheckMillis = nowMillis - late + CHECK_MILLIS;
            return true;
        }

        private void send(byte[] message, int length) {
            counters.messageSent(length, transport.send(port, message, length));
        }
    }
}
