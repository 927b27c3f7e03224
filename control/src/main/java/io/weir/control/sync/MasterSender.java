package io.weir.control.sync;

import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncTransport;

import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a master daemon's messages from a thread of its own. What cannot be sent is lost, as in the
 * kernel; a socket that fails is opened anew, at most once a second, and this is logged once.
 */
final class MasterSender implements SyncTransport {
    /** More would wait longer than they are worth, whatever the setting says. */
    private static final int MOST_WAITING = 1 << 16;

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long JOIN_MILLIS = 2_000;

    private final SyncDaemon daemon;
    private final int bufferBytes;
    private final MpscVarHandleArrayQueue<Datagram> waiting;
    private final int most;
    private final Outage outage;
    private final Thread thread;
    private volatile boolean closed;
    private @Nullable Socket socket;
    private long retryNanos;

    private record Datagram(int port, ByteBuffer payload) {}

    private record Socket(DatagramChannel channel, InetAddress group) {}

    private MasterSender(SyncDaemon daemon, int mostWaiting, int bufferBytes) throws IOException {
        this.daemon = daemon;
        this.bufferBytes = bufferBytes;
        this.most = Math.min(mostWaiting, MOST_WAITING);
        this.waiting = new MpscVarHandleArrayQueue<>(Math.max(2, most));
        this.outage = new Outage("the sync daemon's sending on " + daemon.interfaceName());
        this.socket = open();
        this.thread = Thread.ofPlatform().daemon().name("weir-sync-send").unstarted(this::run);
    }

    /**
     * Opens the socket and starts the thread.
     *
     * @param mostWaiting how many messages wait at most
     * @param bufferBytes of the socket; 0 or less for the host's default
     * @throws IOException if the host refuses the socket
     */
    static MasterSender open(SyncDaemon daemon, int mostWaiting, int bufferBytes)
            throws IOException {
        MasterSender sender = new MasterSender(daemon, mostWaiting, bufferBytes);
        sender.thread.start();
        return sender;
    }

    private Socket open() throws IOException {
        InetAddress group =
                MulticastChannels.group(daemon, MulticastChannels.networkInterface(daemon));
        return new Socket(MulticastChannels.sender(daemon, bufferBytes), group);
    }

    @Override
    public boolean send(int port, byte[] message, int length) {
        ByteBuffer payload = ByteBuffer.allocate(length).put(message, 0, length).flip();
        boolean taken = waiting.size() < most && waiting.offer(new Datagram(port, payload));
        LockSupport.unpark(thread);
        return taken;
    }

    private void run() {
        while (true) {
            // In this order: what was sent before it was closed still goes.
            boolean last = closed;
            Datagram next = waiting.poll();
            if (next != null) {
                transmit(next);
            } else if (last) {
                break;
            } else {
                LockSupport.park(this);
            }
        }
        abandon();
    }

    private void transmit(Datagram next) {
        try {
            Socket to = ready();
            if (to != null) {
                to.channel()
                        .send(
                                next.payload(),
                                new InetSocketAddress(to.group(), daemon.port() + next.port()));
                outage.ended();
            }
        } catch (IOException | RuntimeException failure) {
            outage.began(failure);
            abandon();
            retryNanos = System.nanoTime() + RETRY_NANOS;
        }
    }

    private @Nullable Socket ready() throws IOException {
        if (socket == null && System.nanoTime() - retryNanos >= 0) {
            socket = open();
        }
        return socket;
    }

    private void abandon() {
        Socket old = socket;
        socket = null;
        if (old != null) {
            try {
                old.channel().close();
            } catch (IOException alreadyGone) {
                // as wanted
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
