package io.weir.dataplane.worker;

import io.weir.dataplane.director.Admission;
import io.weir.dataplane.director.ServiceTable;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.PacketBurst;

/**
 * Takes SYNs out of a burst, before anything else looks at it, while none of them may begin a
 * connection: what most packets of a flood cost. The others stay together, so that the steps after
 * it see the same kind of packets as ever.
 *
 * <p>Takes IPv4 SYNs without options or fragments, to the endpoint of a service; others are refused
 * where they are scheduled. Owned by the worker.
 */
final class SynRefusal {
    private static final int LEAST_BYTES =
            Ethernet.HEADER_BYTES + Ipv4.MIN_HEADER_BYTES + Tcp.MIN_HEADER_BYTES;

    private static final int TYPE = Ethernet.HEADER_BYTES - 2;
    private static final int FRAGMENT = Ethernet.HEADER_BYTES + 6;
    private static final int PROTOCOL = Ethernet.HEADER_BYTES + 9;
    private static final int DESTINATION = Ethernet.HEADER_BYTES + 16;
    private static final int TCP = Ethernet.HEADER_BYTES + Ipv4.MIN_HEADER_BYTES;

    /** EtherType, version 4 and a header of 5 words. */
    private static final int PLAIN_TYPE = Ethernet.TYPE_IPV4 << Byte.SIZE | 0x45;

    /** More fragments, and where this one belongs. */
    private static final int FRAGMENT_MASK = 0x3fff;

    private static final int DECIDING_FLAGS = Tcp.SYN | Tcp.FIN | Tcp.RST | Tcp.ACK;

    private final Admission admission;
    private final ServiceTable services;
    private final DropCounters drops;

    SynRefusal(Admission admission, ServiceTable services, DropCounters drops) {
        this.admission = admission;
        this.services = services;
        this.drops = drops;
    }

    /** Takes what is refused out of a burst that has come in by a link. */
    void thin(PacketBurst burst, LinkPort in) {
        admission.received();
        if (!admission.exhausted()) {
            return;
        }
        long mac = in.link().mac();
        int kept = 0;
        for (int i = 0; i < burst.size(); i++) {
            long frame = burst.get(i).frame();
            if (burst.get(i).frameBytes() < LEAST_BYTES || !refuses(frame, mac)) {
                burst.swap(kept, i);
                kept++;
            }
        }
        drops.count(DropReason.ADMISSION, burst.size() - kept);
        burst.truncate(kept);
    }

    private boolean refuses(long frame, long mac) {
        return (Tcp.flags(frame + TCP) & DECIDING_FLAGS) == Tcp.SYN
                && Memory.u8(frame + PROTOCOL) == Ipv4.PROTOCOL_TCP
                && Memory.u32(frame + TYPE) >>> Byte.SIZE == PLAIN_TYPE
                && (Memory.u16(frame + FRAGMENT) & FRAGMENT_MASK) == 0
                && Ethernet.destination(frame) == mac
                && services.hasEndpoint(
                        Ipv4.PROTOCOL_TCP,
                        Memory.u32(frame + DESTINATION),
                        Tcp.destinationPort(frame + TCP));
    }
}
