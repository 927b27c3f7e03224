package io.weir.dataplane.spi;

import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;

/**
 * The packets of a burst that go by one forwarding method, in the order they came. Reused; owned by
 * the worker.
 */
public final class PacketSelection {
    private final Packet[] packets = new Packet[PacketBurst.CAPACITY];
    private int size;

    public void add(Packet packet) {
        packets[size++] = packet;
    }

    public int size() {
        return size;
    }

    public Packet get(int index) {
        return packets[index];
    }

    public void clear() {
        size = 0;
    }
}
