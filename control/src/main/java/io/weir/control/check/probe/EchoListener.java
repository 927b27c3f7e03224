package io.weir.control.check.probe;

import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.EventDescriptor;
import io.weir.dataplane.sys.PollSet;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

/** The sockets of all pings, and the thread that hears the replies. */
final class EchoListener implements AutoCloseable {
    private static final int MESSAGES_PER_TURN = 256;

    private final EchoSocket socket;
    private final @Nullable EchoSocket wideSocket;
    private final EventDescriptor event;
    private final Hearer hearer;
    private volatile boolean closed;

    /** Hears replies, on the listener's thread. */
    interface Hearer {
        /**
         * A reply has come.
         *
         * @param keepsIdentifier the reply has the identifier of its request
         */
        void heard(EchoMessage reply, boolean keepsIdentifier, boolean ipv6);
    }

    private EchoListener(
            EchoSocket socket,
            @Nullable EchoSocket wideSocket,
            EventDescriptor event,
            Hearer hearer) {
        this.socket = socket;
        this.wideSocket = wideSocket;
        this.event = event;
        this.hearer = hearer;
    }

    /**
     * Opens the sockets in the calling thread's network namespace, and starts the thread.
     *
     * @throws SystemCallException without the right to ping
     */
    static EchoListener open(Hearer hearer) throws SystemCallException {
        EchoSocket socket = EchoSocket.open(false);
        EventDescriptor event;
        try {
            event = new EventDescriptor("ping");
        } catch (SystemCallException e) {
            socket.close();
            throw e;
        }
        EchoListener opened = new EchoListener(socket, openWide(), event, hearer);
        Thread.ofPlatform().daemon().name("weir-ping").start(opened::run);
        return opened;
    }

    // A kernel without IPv6 has no such sockets, and nobody to ping with them.
    private static @Nullable EchoSocket openWide() {
        try {
            return EchoSocket.open(true);
        } catch (SystemCallException e) {
            return null;
        }
    }

    /**
     * The socket to send from.
     *
     * @throws SystemCallException if there is none of that family
     */
    EchoSocket socket(boolean ipv6) throws SystemCallException {
        if (!ipv6) {
            return socket;
        }
        if (wideSocket == null) {
            throw new SystemCallException("ping", "socket(AF_INET6)", Errno.EOPNOTSUPP);
        }
        return wideSocket;
    }

    private void run() {
        EchoSocket wide = wideSocket;
        int[] descriptors =
                wide == null
                        ? new int[] {event.number(), socket.descriptor()}
                        : new int[] {event.number(), socket.descriptor(), wide.descriptor()};
        try (PollSet set = new PollSet(descriptors)) {
            while (!closed) {
                int _ = set.await(-1);
                event.clear();
                hear(socket, false);
                if (wide != null) {
                    hear(wide, true);
                }
            }
        } finally {
            event.close();
            socket.close();
            if (wide != null) {
                wide.close();
            }
        }
    }

    private void hear(EchoSocket from, boolean ipv6) {
        for (int i = 0; i < MESSAGES_PER_TURN; i++) {
            byte[] message = from.receive();
            if (message == null) {
                return;
            }
            EchoMessage reply = from.reply(message);
            if (reply != null) {
                hearer.heard(reply, from.keepsIdentifier(), ipv6);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        event.signal();
    }
}
