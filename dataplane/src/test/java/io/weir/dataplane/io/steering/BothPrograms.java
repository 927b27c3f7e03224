package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

/**
 * Runs a frame through the program at the ingress and the one at the driver: the latter takes
 * nothing that the former leaves, and of plain TCP and UDP everything that it takes.
 */
final class BothPrograms implements AutoCloseable {
    static final int LONGEST = 1514;
    private static final int XDP_PASS = 2;
    private static final int XDP_REDIRECT = 4;
    private static final int TCX_DROP = 2;

    private final KernelSteering steering;
    private final Descriptor socket;
    private final Descriptor sockets;
    private final Descriptor program;

    BothPrograms(KernelSteering steering) throws SystemCallException {
        this.steering = steering;
        socket = Sockets.open(Sockets.AF_XDP, Sockets.SOCK_RAW, 0, "test");
        sockets = Bpf.createMap(Bpf.MAP_XSK, Integer.BYTES, Integer.BYTES, 1, 0, "test");
        try (NativeBlock entry = new NativeBlock(2L * Integer.BYTES)) {
            Memory.putNativeInt(entry.address() + 4, socket.number());
            SystemCallException.check(
                    Bpf.update(sockets.number(), entry.address(), entry.address() + 4),
                    "test",
                    "bpf");
        }
        program =
                steering.loadDriverProgram(
                        new SocketMap(sockets.number(), ClientSpread.ALONE), 0, LONGEST, true);
    }

    /** Runs a frame for the loopback's address; returns what the program at the ingress did. */
    int run(byte[] frame) throws SystemCallException {
        int atIngress = Bpf.testRun(steering.ingressProgram(), frame, "test");
        int atDriver = Bpf.testRun(program.number(), frame, "test");
        assertThat(atDriver)
                .as("the driver's program")
                .isEqualTo(atIngress == TCX_DROP && isPlain(frame) ? XDP_REDIRECT : XDP_PASS);
        return atIngress;
    }

    /** Runs a frame through the driver's program alone. */
    boolean isRedirected(byte[] frame) throws SystemCallException {
        return Bpf.testRun(program.number(), frame, "test") == XDP_REDIRECT;
    }

    /** Whether TCP or UDP with its ports follows directly on an IP header without options. */
    private static boolean isPlain(byte[] frame) {
        boolean ipv6 = frame[12] == (byte) 0x86;
        int protocol = frame[ipv6 ? 20 : 23];
        return frame.length <= LONGEST
                && frame.length >= (ipv6 ? 58 : 38)
                && (protocol == 6 || protocol == 17)
                && (ipv6 || (frame[14] == 0x45 && (frame[20] & 0x3f) == 0 && frame[21] == 0));
    }

    @Override
    public void close() {
        program.close();
        sockets.close();
        socket.close();
    }
}
