package io.weir.control.e2e;

import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Gre;
import io.weir.dataplane.header.Gue;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.io.afpacket.AfPacketPort;
import io.weir.dataplane.io.afpacket.RingSize;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The real server's end of a tunnel, for kernels that have no such device: takes what arrives out
 * of its tunnel and gives it to the kernel by a veth pair of its own.
 */
final class TunnelEnd implements Closeable {
    /** Where GUE arrives. */
    static final int GUE_PORT = 6080;

    private static final int AF_INET = 2;
    private static final int SO_RCVTIMEO = 20;
    private static final int QUEUE_BYTES = 16 << 20;
    private static final int BUFFER_BYTES = 66_000;
    private static final long MAC = 0x0200_0000_0099L;

    private final Descriptor socket;
    private final DatagramSocket keepsPortOpen;
    private final AfPacketPort inside;
    private final int protocol;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong damaged = new AtomicLong();
    private final Thread thread;

    private TunnelEnd(
            Descriptor socket, DatagramSocket keepsPortOpen, AfPacketPort inside, int protocol) {
        this.socket = socket;
        this.keepsPortOpen = keepsPortOpen;
        this.inside = inside;
        this.protocol = protocol;
        this.thread = Thread.ofPlatform().daemon().name("tunnel-end").start(this::run);
    }

    /**
     * Opens the end of a tunnel in a server's namespace.
     *
     * @param protocol the outer IP header's
     */
    static TunnelEnd start(Namespaces namespaces, NetworkNamespace server, int protocol)
            throws LabException, IOException, SystemCallException {
        namespaces.configure(
                server,
                "link add inside type veth peer name beside",
                "link set inside address 02:00:00:00:00:99",
                "link set inside up",
                "link set beside up");
        namespaces.sysctl(server, "ipv4/conf/all/rp_filter", 0);
        namespaces.sysctl(server, "ipv4/conf/inside/rp_filter", 0);
        return server.call(() -> open(protocol));
    }

    private static TunnelEnd open(int protocol) throws IOException, SystemCallException {
        String purpose = "end a tunnel";
        Descriptor socket = Sockets.open(AF_INET, Sockets.SOCK_RAW, protocol, purpose);
        SystemCallException.check(
                Sockets.setOption(
                        socket.number(), Sockets.SOL_SOCKET, Sockets.SO_RCVBUFFORCE, QUEUE_BYTES),
                purpose,
                "setsockopt(SO_RCVBUFFORCE)");
        try (NativeBlock tenth = new NativeBlock(16)) {
            Memory.putNativeLong(tenth.address(), 0);
            Memory.putNativeLong(tenth.address() + 8, 100_000);
            SystemCallException.check(
                    Sockets.setOption(
                            socket.number(), Sockets.SOL_SOCKET, SO_RCVTIMEO, tenth.address(), 16),
                    purpose,
                    "setsockopt(SO_RCVTIMEO)");
        }
        AfPacketPort inside =
                AfPacketPort.open("beside", AfPacketPort.EVERY_FRAME, new RingSize(128, 2048));
        return new TunnelEnd(socket, new DatagramSocket(GUE_PORT), inside, protocol);
    }

    private void run() {
        try (NativeBlock buffer = new NativeBlock(BUFFER_BYTES)) {
            while (!closing.get()) {
                int bytes = Sockets.receive(socket.number(), buffer.address(), BUFFER_BYTES, 0);
                if (bytes > Ipv4.MIN_HEADER_BYTES) {
                    packet(buffer.address(), bytes);
                }
            }
        }
    }

    private void packet(long outer, int bytes) {
        int outerBytes = Ipv4.headerBytes(outer);
        long content = outer + outerBytes;
        int skipped =
                switch (protocol) {
                    case Gre.PROTOCOL -> gre(content, bytes - outerBytes);
                    case Ipv4.PROTOCOL_UDP -> gue(outer, content, bytes - outerBytes);
                    default -> 0;
                };
        long inner = content + skipped;
        if (skipped < 0 || Ipv4.totalLength(inner) != bytes - outerBytes - skipped) {
            damaged.incrementAndGet();
            return;
        }
        packets.incrementAndGet();
        long frame = inner - Ethernet.HEADER_BYTES;
        Ethernet.setDestination(frame, MAC);
        Ethernet.setSource(frame, MAC + 1);
        Ethernet.setType(frame, Ethernet.TYPE_IPV4);
        inside.transmit(frame, Ethernet.HEADER_BYTES + Ipv4.totalLength(inner), 0);
        inside.flush();
    }

    private static int gre(long gre, int bytes) {
        if (Gre.protocolType(gre) != Ethernet.TYPE_IPV4) {
            return -1;
        }
        if (!Gre.checksumPresent(gre)) {
            return Gre.MIN_HEADER_BYTES;
        }
        boolean right = InternetChecksum.complement(InternetChecksum.sum(gre, bytes)) == 0;
        return right ? Gre.CHECKSUM_HEADER_BYTES : -1;
    }

    private static int gue(long outer, long udp, int bytes) {
        int written = Udp.checksum(udp);
        boolean right =
                written == 0
                        || written
                                == InternetChecksum.transportV4(
                                        outer, udp, bytes, Ipv4.PROTOCOL_UDP);
        boolean ours =
                Udp.destinationPort(udp) == GUE_PORT
                        && Udp.length(udp) == bytes
                        && Gue.protocol(udp + Udp.HEADER_BYTES) == Ipv4.PROTOCOL_IPIP;
        return right && ours ? Udp.HEADER_BYTES + Gue.HEADER_BYTES : -1;
    }

    /** Packets that were taken out of the tunnel. */
    long packets() {
        return packets.get();
    }

    /** Packets that had a wrong checksum or length, or were no tunnel's. */
    long damaged() {
        return damaged.get();
    }

    @Override
    public void close() throws IOException {
        closing.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inside.close();
        keepsPortOpen.close();
        socket.close();
    }
}
