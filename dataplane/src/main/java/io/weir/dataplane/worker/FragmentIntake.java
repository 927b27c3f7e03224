package io.weir.dataplane.worker;

import io.weir.dataplane.director.ServiceTable;
import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.fragment.Reassembly;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.parse.PacketParser;

/**
 * Knows which fragments wait for the rest of their datagram and which go on alone. Owned by the
 * worker.
 */
final class FragmentIntake implements AutoCloseable {
    /** Datagrams given up in one cycle at most. */
    private static final int EXPIRY_BUDGET = 16;

    private final Reassembly reassembly;
    private final ServiceTable services;
    private final Network network;
    private final CachedClock clock;

    FragmentIntake(
            Reassembly reassembly, ServiceTable services, Network network, CachedClock clock) {
        this.reassembly = reassembly;
        this.services = services;
        this.network = network;
        this.clock = clock;
    }

    /**
     * Takes a parsed packet.
     *
     * @return whether it goes on: it is no fragment, or goes on alone, or was the last one missing
     *     and is the whole datagram now, parsed again
     */
    boolean admit(Packet packet, PacketParser parser) {
        if (!packet.fragment() || !waits(packet)) {
            return true;
        }
        return packet.ipv6()
                ? reassembly.addIpv6(packet, parser.extensions(), clock.millis())
                        && parser.ipv6(packet)
                : reassembly.add(packet, clock.millis()) && parser.ipv4(packet);
    }

    // The kernel's stack puts together what is for the host, and its IPVS what it may have to
    // translate, which takes ports (BEHAVIOUR.md, "Forwarding"; recorded: frag-tcp, frag-udp). Of
    // IPv6 that is everything (recorded: ipv6-udp-1).
    private boolean waits(Packet packet) {
        if (network.isDestinationLocal(packet.endpoints())) {
            return true;
        }
        return services.size() > 0 && (packet.ipv6() || mayBeTranslated(packet.protocol()));
    }

    private static boolean mayBeTranslated(int protocol) {
        return switch (protocol) {
            case Ipv4.PROTOCOL_TCP, Ipv4.PROTOCOL_UDP, Ipv4.PROTOCOL_SCTP, Ipv4.PROTOCOL_ICMP ->
                    true;
            default -> false;
        };
    }

    /** Gives up datagrams that did not become whole in time; returns how many. */
    int expire() {
        return reassembly.expire(clock.millis(), EXPIRY_BUDGET);
    }

    /** Lets go of the datagrams of a burst that has left. */
    void release() {
        reassembly.release();
    }

    long held() {
        return reassembly.held();
    }

    @Override
    public void close() {
        reassembly.close();
    }
}
