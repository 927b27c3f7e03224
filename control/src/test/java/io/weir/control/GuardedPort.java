package io.weir.control;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.Mapping;
import io.weir.dataplane.sys.SystemCallException;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A port whose received frames end where memory ends: whoever reads or writes a byte behind one
 * kills the process.
 */
final class GuardedPort implements PacketPort {
    private static final int PAGE = 4096;
    private static final int SLOT_PAGES = 3;
    private static final int PROT_NONE = 0;
    private static final MethodHandle MPROTECT =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("mprotect"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_LONG,
                                    ValueLayout.JAVA_INT));

    private final String name;
    private final int linkIndex;
    private final Mapping memory;
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

    GuardedPort(String name, int linkIndex) throws SystemCallException {
        this.name = name;
        this.linkIndex = linkIndex;
        memory = Mapping.anonymous((long) PacketBurst.CAPACITY * SLOT_PAGES * PAGE, name);
        for (int slot = 0; slot < PacketBurst.CAPACITY; slot++) {
            protect(end(slot));
        }
    }

    private static void protect(long page) {
        try {
            if ((int) MPROTECT.invokeExact(page, (long) PAGE, PROT_NONE) != 0) {
                throw new IllegalStateException("mprotect failed");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first byte nobody may touch. */
    private long end(int slot) {
        return memory.address() + ((long) slot * SLOT_PAGES + SLOT_PAGES - 1) * PAGE;
    }

    /** Lets a frame arrive; {@code vnetHeader} is empty for a plain one. */
    void arrive(byte[] frame, byte[] vnetHeader) {
        arriving.add(new Arrival(frame, vnetHeader));
    }

    /** Returns what was sent, and forgets it. */
    List<byte[]> takeSent() {
        List<byte[]> taken = new ArrayList<>(sent);
        sent.clear();
        return taken;
    }

    /** Touches the byte behind the first slot, which must end the process. */
    int touchForbidden() {
        return Memory.u8(end(0));
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
            long address = end(slot) - frame.length;
            long vnet = address - vnetHeader.length;
            Memory.copyIn(frame, 0, address, frame.length);
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
