package io.weir.control.sync;

import io.weir.dataplane.sync.ResyncMessage;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncInbox;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * Receives a daemon's messages on a thread of its own and hands them over. Once a second it looks
 * whether the interface is still the one it listens on, as an interface that goes takes the
 * membership of the group with it.
 */
final class BackupListener implements Closeable {
    private static final int LOOK_MILLIS = 1_000;
    private static final int RECEIVES_PER_TURN = 1_024;
    private static final long JOIN_MILLIS = 2_000;

    private final SyncDaemon daemon;
    private final int ports;
    private final int bufferBytes;
    private final SyncInbox inbox;
    private final ByteBuffer buffer;
    private final Selector selector;
    private final List<DatagramChannel> channels = new ArrayList<>();
    private final Outage outage;
    private final Thread thread;
    private int interfaceIndex;
    private long nextLookNanos = System.nanoTime();
    private volatile boolean closed;

    private BackupListener(SyncDaemon daemon, int ports, int bufferBytes, SyncInbox inbox)
            throws IOException {
        this.daemon = daemon;
        this.ports = ports;
        this.bufferBytes = bufferBytes;
        this.inbox = inbox;
        // A byte more tells a message that is too long from one that just fits.
        this.buffer = ByteBuffer.allocate(Math.max(daemon.maxLength(), ResyncMessage.BYTES) + 1);
        this.outage = new Outage("the sync daemon's listening on " + daemon.interfaceName());
        this.selector = Selector.open();
        this.thread = Thread.ofPlatform().daemon().name("weir-sync-receive").unstarted(this::run);
    }

    /**
     * Opens the sockets and starts the thread.
     *
     * @param ports how many ports, from the daemon's on
     * @param bufferBytes of each socket; 0 or less for the host's default
     * @throws IOException if the host refuses a socket
     */
    static BackupListener open(SyncDaemon daemon, int ports, int bufferBytes, SyncInbox inbox)
            throws IOException {
        BackupListener listener = new BackupListener(daemon, ports, bufferBytes, inbox);
        try {
            listener.openChannels();
        } catch (IOException | RuntimeException refused) {
            listener.closeChannels();
            listener.selector.close();
            throw refused;
        }
        listener.thread.start();
        return listener;
    }

    private void openChannels() throws IOException {
        interfaceIndex = MulticastChannels.networkInterface(daemon).getIndex();
        for (int port = 0; port < ports; port++) {
            DatagramChannel channel =
                    MulticastChannels.receiver(daemon, daemon.port() + port, bufferBytes);
            channels.add(channel);
            channel.register(selector, SelectionKey.OP_READ);
        }
    }

    private void closeChannels() {
        for (DatagramChannel channel : channels) {
            try {
                channel.close();
            } catch (IOException alreadyGone) {
                // as wanted
            }
        }
        channels.clear();
    }

    private void run() {
        while (!closed) {
            try {
                selector.select(LOOK_MILLIS);
                receive();
                look();
            } catch (IOException | RuntimeException failure) {
                if (closed) {
                    break;
                }
                outage.began(failure);
                closeChannels();
                pause();
            }
        }
        closeChannels();
    }

    private void receive() throws IOException {
        for (SelectionKey key : selector.selectedKeys()) {
            DatagramChannel channel = (DatagramChannel) key.channel();
            // A flood must not keep the other ports, and the end, waiting.
            for (int i = 0; i < RECEIVES_PER_TURN && key.isValid(); i++) {
                if (channel.receive(buffer.clear()) == null) {
                    break;
                }
                inbox.received(buffer.array(), buffer.position());
            }
        }
        selector.selectedKeys().clear();
    }

    private void look() throws IOException {
        long now = System.nanoTime();
        if (now - nextLookNanos < 0) {
            return;
        }
        nextLookNanos = now + LOOK_MILLIS * 1_000_000L;
        int index = MulticastChannels.networkInterface(daemon).getIndex();
        if (index != interfaceIndex || channels.isEmpty()) {
            closeChannels();
            openChannels();
            outage.ended();
        }
    }

    private void pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException interrupted) {
            closed = true;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        thread.interrupt();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
