package io.weir.dataplane.sync;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A host and a balancer for daemons: notes what is opened, started and closed again. */
final class FakeSyncHost implements SyncNetwork, SyncWorker {
    private final List<Integer> openedPorts = new ArrayList<>();
    private int mtu = 1500;
    private int ports = 1;
    private int open;
    private int working;
    private boolean refusing;
    private boolean mixed;

    void setMtu(int bytes) {
        mtu = bytes;
    }

    void setPorts(int count) {
        ports = count;
    }

    void setRefusing(boolean on) {
        refusing = on;
    }

    void setMixed(boolean on) {
        mixed = on;
    }

    /** Sockets that are open. */
    int open() {
        return open;
    }

    /** Daemons that the balancer works for. */
    int working() {
        return working;
    }

    List<Integer> openedPorts() {
        return openedPorts;
    }

    private void opened(int count) throws IOException {
        if (refusing) {
            throw new IOException("no");
        }
        open++;
        openedPorts.add(count);
    }

    @Override
    public int mtu(String interfaceName) {
        return mtu;
    }

    @Override
    public SyncTransport openMaster(SyncDaemon daemon, int count) throws IOException {
        opened(count);
        return new SyncTransport() {
            @Override
            public boolean send(int port, byte[] message, int length) {
                return true;
            }

            @Override
            public void close() {
                open--;
            }
        };
    }

    @Override
    public Closeable openBackup(SyncDaemon daemon, int count, SyncInbox inbox) throws IOException {
        opened(count);
        return () -> open--;
    }

    @Override
    public int ports() {
        return ports;
    }

    @Override
    public boolean resyncs() {
        return false;
    }

    @Override
    public boolean mixesFamilies() {
        return mixed;
    }

    @Override
    public void startMaster(SyncDaemon daemon, int count, SyncTransport transport) {
        working++;
    }

    @Override
    public void stopMaster() {
        working--;
    }

    @Override
    public void startBackup(SyncDaemon daemon, @Nullable SyncTransport asking) {
        working++;
    }

    @Override
    public void askAgain() {}

    @Override
    public void stopBackup() {
        working--;
    }

    @Override
    public void received(byte[] message, int length) {}

    @Override
    public void heard(byte[] message, int length, int syncId) {}
}
