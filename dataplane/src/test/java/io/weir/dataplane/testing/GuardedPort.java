package io.weir.dataplane.testing;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.PacketBurst;

import java.util.ArrayList;
import java.util.List;

/**
 * A port whose received frames end where memory ends: whoever reads or writes a byte behind one
 * kills the process.
 */
public final class GuardedPort implements PacketPort {
    private static final int SLOT_PAGES = 2;

    private final String name;
    private final int linkIndex;
    private final GuardedMemory memory = new GuardedMemory(PacketBurst.CAPACITY, SLOT_PAGES);
    private final List<Arrival> arriving = new ArrayList<>();
    private final List<byte[]> sent = new ArrayList<>();

    private static final class Arrival {
        final byte[] frame;
        final byte[] vnetHeader;

        Arrival(byte[] frame, byte[] vnetHeader) {
            this.frame = frame;
            this.vnetHeader = vnetHeader;
        }
    }

    public GuardedPort(String name, int linkIndex) {
        this.name = name;
        this.linkIndex = linkIndex;
    }

    /** Lets a frame arrive; {@code vnetHeader} is empty for a plain one. */
    public void arrive(byte[] frame, byte[] vnetHeader) {
        arriving.add(new Arrival(frame, vnetHeader));
    }

    /** Returns what was sent, and forgets it. */
    public List<byte[]> takeSent() {
        List<byte[]> taken = new ArrayList<>(sent);
        sent.clear();
        return taken;
    }

    /** Touches the byte behind the first slot, which must end the process. */
    public int touchForbidden() {
        return Memory.u8(memory.end(0));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int linkIndex() {
        return linkIndex;
    }

    @Override
    public int receive(PacketBurst burst) {
        int count = Math.min(arriving.size(), PacketBurst.CAPACITY);
        for (int slot = 0; slot < count; slot++) {
            byte[] frame = arriving.get(slot).frame;
            byte[] vnetHeader = arriving.get(slot).vnetHeader;
            long address = memory.place(slot, frame);
            long vnet = address - vnetHeader.length;
            Memory.copyIn(vnetHeader, 0, vnet, vnetHeader.length);
            burst.add(address, frame.length, vnetHeader.length == 0 ? 0 : vnet);
        }
        arriving.subList(0, count).clear();
        return count;
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        sent.add(Memory.bytes(address, length));
        return true;
    }

    @Override
    public void flush() {}

    @Override
    public void release() {}

    @Override
    public PortStatistics statistics() {
        return new PortStatistics(0, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        memory.close();
    }
}
