package io.weir.dataplane.io.memory;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.header.Arp;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.parse.ExtensionHeaders;
import io.weir.dataplane.parse.PacketParser;

import java.util.Set;

/**
 * Brings the frames of links in memory to the workers that have their clients, as the kernel's
 * program does it for packet sockets: the client is the source of what goes to a virtual endpoint
 * or belongs to nobody, and the destination of what a real server answers.
 *
 * <p>Answers of neighbours go to every worker, because each asks for itself; all else that is not
 * IP goes to the first. For tests and programs that have weir inside: it allocates for each frame.
 * One thread at a time; {@link #use} any.
 */
public final class FrameSpread implements FrameChoice, AutoCloseable {
    private static final int FRAME_BYTES = 2048;
    private static final int NEIGHBOUR_SOLICITATION = 135;
    private static final int NEIGHBOUR_ADVERTISEMENT = 136;
    private static final int QUOTED_PORTS_BYTES = 4;

    private final ClientSpread spread;
    private final NativeBlock memory = new NativeBlock(FRAME_BYTES);
    private final PacketBurst burst = new PacketBurst();
    private final DropCounters ignored = new DropCounters();
    private final PacketParser parser = new PacketParser(ignored);
    private final ExtensionHeaders extensions = new ExtensionHeaders();
    private final Endpoints quoted = new Endpoints();
    private volatile Rules rules = new Rules(SteeringRules.NONE, Set.of());

    /** What decides which end is the client. */
    private record Rules(
            SteeringRules steering,
            Set<IpAddress> own,
            MarkTable marks,
            MasqueradeTable masquerading) {
        Rules(SteeringRules steering, Set<IpAddress> own) {
            this(
                    steering,
                    own,
                    new MarkTable(steering.marked().rules()),
                    new MasqueradeTable(steering.masqueraded()));
        }
    }

    public FrameSpread(ClientSpread spread) {
        this.spread = spread;
    }

    /**
     * Goes by these rules from now on.
     *
     * @param own the balancer's own addresses
     */
    public void use(SteeringRules steering, Set<IpAddress> own) {
        rules = new Rules(steering, Set.copyOf(own));
    }

    @Override
    public int port(byte[] frame) {
        if (frame.length > FRAME_BYTES) {
            return 0;
        }
        Memory.copyIn(frame, 0, memory.address(), frame.length);
        burst.clear();
        burst.add(memory.address(), frame.length, 0);
        Packet packet = burst.get(0);
        return switch (parser.ethertype(packet)) {
            case Ethernet.TYPE_ARP -> arp(packet);
            case Ethernet.TYPE_IPV4 -> parser.ipv4(packet) ? ip(packet) : 0;
            case Ethernet.TYPE_IPV6 -> parser.ipv6(packet) ? ip(packet) : 0;
            default -> 0;
        };
    }

    private static int arp(Packet packet) {
        boolean whole = packet.frameBytes() >= Ethernet.HEADER_BYTES + Arp.BYTES;
        return whole && Arp.operation(packet.frame() + Ethernet.HEADER_BYTES) == Arp.REPLY
                ? ALL
                : 0;
    }

    private int ip(Packet packet) {
        Rules now = rules;
        if (!packet.fragment() && packet.protocol() == icmp(packet.ipv6())) {
            return icmp(packet, now);
        }
        Endpoints ends = packet.endpoints();
        boolean ported = packet.portsPresent() || packet.truncated();
        int from = ported ? ends.sourcePort() : 0;
        int to = ported ? ends.destinationPort() : 0;
        boolean marked = now.steering.marked().isServed(now.marks.mark(packet), ends.ipv6());
        boolean fromServer =
                !has(now.steering.virtualEndpoints(), ends, destination(ends), to, !ported)
                        && !marked
                        && !now.own.contains(destination(ends))
                        && (has(now.steering.serverEndpoints(), ends, source(ends), from, !ported)
                                || now.masquerading.match(ends) != null);
        return fromServer ? ofDestination(ends) : ofSource(ends);
    }

    private static int icmp(boolean ipv6) {
        return ipv6 ? Ipv4.PROTOCOL_ICMPV6 : Ipv4.PROTOCOL_ICMP;
    }

    // An error's client is one end of the packet it quotes: the source of what went to a virtual
    // endpoint or a server, the destination of what came from one.
    private int icmp(Packet packet, Rules now) {
        int type = Icmp.type(packet.transport());
        if (packet.ipv6() && type == NEIGHBOUR_ADVERTISEMENT) {
            return ALL;
        }
        if (packet.ipv6() && type == NEIGHBOUR_SOLICITATION) {
            return 0;
        }
        boolean error =
                packet.ipv6()
                        ? Icmp.isV6Error(packet.transport())
                        : type == Icmp.DESTINATION_UNREACHABLE
                                || type == Icmp.SOURCE_QUENCH
                                || type == Icmp.TIME_EXCEEDED
                                || type == Icmp.PARAMETER_PROBLEM;
        if (!error
                || !read(
                        packet.transport() + Icmp.HEADER_BYTES,
                        packet.transportBytes() - Icmp.HEADER_BYTES,
                        packet.ipv6())) {
            return ofSource(packet.endpoints());
        }
        boolean answer =
                has(
                        now.steering.virtualEndpoints(),
                        quoted,
                        source(quoted),
                        quoted.sourcePort(),
                        false);
        return answer ? ofDestination(quoted) : ofSource(quoted);
    }

    private boolean read(long quote, int bytes, boolean ipv6) {
        int header;
        if (ipv6) {
            if (bytes < Ipv6.HEADER_BYTES || !extensions.walk(quote, bytes)) {
                return false;
            }
            header = extensions.bytes();
            quoted.setV6(
                    extensions.protocol(),
                    Ipv6.sourceHigh(quote),
                    Ipv6.sourceLow(quote),
                    Ipv6.destinationHigh(quote),
                    Ipv6.destinationLow(quote));
        } else {
            if (bytes < Ipv4.MIN_HEADER_BYTES) {
                return false;
            }
            header = Ipv4.headerBytes(quote);
            quoted.setV4(Ipv4.protocol(quote), Ipv4.source(quote), Ipv4.destination(quote));
        }
        if (bytes < header + QUOTED_PORTS_BYTES) {
            return false;
        }
        quoted.setPorts(Udp.sourcePort(quote + header), Udp.destinationPort(quote + header));
        return true;
    }

    private static boolean has(
            Set<Endpoint> endpoints, Endpoints ends, IpAddress address, int port, boolean anyPort) {
        if (anyPort) {
            return endpoints.stream()
                    .anyMatch(
                            one ->
                                    one.protocol() == ends.protocol()
                                            && one.address().equals(address));
        }
        return endpoints.contains(new Endpoint(ends.protocol(), address, port))
                || endpoints.contains(new Endpoint(ends.protocol(), address, 0));
    }

    private static IpAddress source(Endpoints ends) {
        return ends.ipv6()
                ? IpAddress.v6(ends.sourceHigh(), ends.sourceLow())
                : IpAddress.v4(ends.source());
    }

    private static IpAddress destination(Endpoints ends) {
        return ends.ipv6()
                ? IpAddress.v6(ends.destinationHigh(), ends.destinationLow())
                : IpAddress.v4(ends.destination());
    }

    private int ofSource(Endpoints ends) {
        return ends.ipv6()
                ? spread.worker(ends.sourceHigh(), ends.sourceLow())
                : spread.worker(0, EndpointSteering.mappedLow(ends.source()));
    }

    private int ofDestination(Endpoints ends) {
        return ends.ipv6()
                ? spread.worker(ends.destinationHigh(), ends.destinationLow())
                : spread.worker(0, EndpointSteering.mappedLow(ends.destination()));
    }

    @Override
    public void close() {
        memory.close();
    }
}
