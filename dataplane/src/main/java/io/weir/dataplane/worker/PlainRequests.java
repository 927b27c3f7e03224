package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.METHOD_MASK;

import io.weir.dataplane.director.ConnectionLife;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.SteadyLife;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.flow.ConnectionLine;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.PlainHeader;
import io.weir.dataplane.spi.PlainForwarder;

import org.jspecify.annotations.Nullable;

/**
 * Clients' plain packets: compared with their connections and what is known of the servers, then
 * counted, with as little as can be between the two. Owned by the worker.
 */
final class PlainRequests {
    private final PlainPackets plain;
    private final ConnectionTable table;
    private final ConnectionLife life;
    private final SteadyLife steady;
    private final ServerWays servers;
    private final BurstCounts counts;
    private final PlainDepartures departures;
    private final PlainWatch watch;
    private final @Nullable PlainForwarder translator;
    private final PlainHeader header = new PlainHeader();

    PlainRequests(
            Director director,
            PlainPackets plain,
            ServerWays servers,
            BurstCounts counts,
            PlainDepartures departures,
            PlainWatch watch,
            @Nullable PlainForwarder translator) {
        this.plain = plain;
        this.table = director.table();
        this.life = director.life();
        this.steady = life.steady();
        this.servers = servers;
        this.counts = counts;
        this.departures = departures;
        this.watch = watch;
        this.translator = translator;
    }

    /**
     * Counts packets and notes their ways out.
     *
     * @param from the place in the burst to begin at
     * @return the place of the next that is no client's plain packet after all
     */
    int forward(PacketBurst burst, int from) {
        int state = servers.state();
        boolean added = plain.outdated();
        boolean watched = watch.watches();
        int end = plain.requestsEnd(from);
        int i = from;
        for (; i < end; i++) {
            Packet packet = burst.get(i);
            long ip = packet.frame() + Ethernet.HEADER_BYTES;
            int protocol = Ipv4.protocol(ip);
            long ends = PlainHeader.ends(ip);
            int ports = PlainHeader.ports(ip);
            long first = added ? plain.firstLine(i) : plain.line(i);
            long line = table.forwardLine(first, plain.hash(i), ends, ports, protocol);
            if (line == 0 || (added && table.mayBeServer((int) ends))) {
                // Since a moment ago, by a packet of this burst.
                break;
            }
            long condition = ConnectionLine.condition(line);
            int flags = ConnectionTable.flagsOf(condition);
            int seconds = steady.seconds(condition, protocol);
            int address = ConnectionLine.server(line);
            int number = ConnectionLine.serverNumber(line);
            ServerWay server = servers.of(number, address, state);
            int bytes = Ipv4.totalLength(ip);
            if ((flags & FastPath.NOT_PLAIN) != 0
                    || seconds == SteadyLife.CHANGES
                    || server == null
                    || Ipv4.timeToLive(ip) <= 1
                    || (bytes > server.limit() && !fits(server, address, bytes))
                    || ((flags & METHOD_MASK) == FastPath.MASQUERADE
                            && !translate(packet, ip, address, condition))) {
                break;
            }
            server.counters().in(bytes);
            counts.in(server.service(), bytes);
            ConnectionLine.countPacket(line);
            life.renewLine(line, seconds);
            departures.toServer(i, number, bytes);
            if (watched) {
                watch.request(line, condition);
            }
        }
        return i;
    }

    private boolean fits(ServerWay server, int address, int bytes) {
        return (server.out() != null || servers.seek(server, address)) && bytes <= server.mtu();
    }

    private boolean translate(Packet packet, long ip, int address, long condition) {
        PlainForwarder rewriter = translator;
        header.read(ip);
        if (rewriter == null
                || !rewriter.toServer(
                        header,
                        ip + Ipv4.MIN_HEADER_BYTES,
                        PartialChecksum.isPending(packet),
                        address,
                        ConnectionTable.serverPortOf(condition))) {
            return false;
        }
        header.write(ip);
        return true;
    }
}
