package io.weir.dataplane.io.afpacket;

import io.weir.dataplane.header.Arp;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.PollSet;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Asks a link who has an IPv4 address, by an ARP probe (RFC 5227 section 1.1): without a sender's
 * address, so that nobody's cache changes by it.
 */
public final class ArpProbe {
    private static final int ETH_P_ARP = 0x0806;
    private static final int FRAME_BYTES = 60;
    private static final int BUFFER_BYTES = 2048;
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** A flood of ARP must not keep the probe from ending. */
    private static final int MOST_FRAMES = 4096;

    private ArpProbe() {}

    /**
     * Asks in the calling thread's network namespace, and waits for answers for 300 ms.
     *
     * @param nanos a clock
     * @param answers get the Ethernet address of each that answered, as often as it did
     */
    public static void ask(Link link, IpAddress address, LongSupplier nanos, LongConsumer answers)
            throws SystemCallException {
        String purpose = "ask by ARP on " + link.name();
        try (Descriptor socket = Sockets.open(Sockets.AF_PACKET, Sockets.SOCK_RAW, 0, purpose);
                NativeBlock buffer = new NativeBlock(BUFFER_BYTES);
                PollSet poll = new PollSet(socket.number())) {
            PacketSocket.bind(socket, link.index(), ETH_P_ARP, purpose);
            write(buffer.address(), link.mac(), address.v4());
            SystemCallException.check(
                    Sockets.send(socket.number(), buffer.address(), FRAME_BYTES, 0),
                    purpose,
                    "send");
            Answers heard = new Answers(socket, buffer.address(), address.v4(), answers);
            long end = nanos.getAsLong() + WAIT_NANOS;
            for (int i = 0; i < MOST_FRAMES && poll.await(end - nanos.getAsLong()) > 0; i++) {
                heard.receive();
                if (end - nanos.getAsLong() <= 0) {
                    break;
                }
            }
        }
    }

    private static void write(long frame, long mac, int address) {
        Memory.fill(frame, FRAME_BYTES, (byte) 0);
        Ethernet.setDestination(frame, Ethernet.BROADCAST);
        Ethernet.setSource(frame, mac);
        Ethernet.setType(frame, Ethernet.TYPE_ARP);
        long arp = frame + Ethernet.HEADER_BYTES;
        Arp.setEthernetIpv4(arp);
        Arp.setOperation(arp, Arp.REQUEST);
        Arp.setSenderMac(arp, mac);
        Arp.setTargetAddress(arp, address);
    }

    /** Reads frames and finds the answers among them. */
    private record Answers(Descriptor socket, long frame, int address, LongConsumer answers) {
        void receive() {
            int bytes = Sockets.receive(socket.number(), frame, BUFFER_BYTES, Sockets.MSG_DONTWAIT);
            long arp = frame + Ethernet.HEADER_BYTES;
            if (bytes >= Ethernet.HEADER_BYTES + Arp.BYTES
                    && Arp.operation(arp) == Arp.REPLY
                    && Arp.senderAddress(arp) == address) {
                answers.accept(Arp.senderMac(arp));
            }
        }
    }
}
