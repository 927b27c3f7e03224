package io.weir.dataplane.packet;

/**
 * Up to {@value #CAPACITY} packets received together; filled by a port, worked off by the worker.
 */
public final class PacketBurst {
    /** Flat beyond 16 packets with batched system calls; 64 overlaps the table's cache misses. */
    public static final int CAPACITY = 64;

    private final Packet[] packets = new Packet[CAPACITY];
    private int size;

    public PacketBurst() {
        for (int i = 0; i < CAPACITY; i++) {
            packets[i] = new Packet();
        }
    }

    /**
     * Adds a frame; the caller has checked {@link #isFull}.
     *
     * @param address its first byte
     * @param length its bytes, all of them in memory
     * @param vnetHeader the address of its virtio_net_hdr, or 0 if it is a plain frame
     */
    public void add(long address, int length, long vnetHeader) {
        packets[size++].received(address, length, vnetHeader);
    }

    public boolean isFull() {
        return size == CAPACITY;
    }

    public int size() {
        return size;
    }

    public Packet get(int index) {
        return packets[index];
    }

    /** Lets two packets change places. */
    public void swap(int one, int other) {
        Packet packet = packets[one];
        packets[one] = packets[other];
        packets[other] = packet;
    }

    /** Forgets all packets but the first. */
    public void truncate(int first) {
        size = first;
    }

    public void clear() {
        size = 0;
    }
}
