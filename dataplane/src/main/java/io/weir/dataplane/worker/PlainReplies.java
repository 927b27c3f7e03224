package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.director.ConnectionLife;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.SteadyLife;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.egress.WayOut;
import io.weir.dataplane.egress.WaysOut;
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
 * Servers' plain packets, which go back to clients by NAT: compared with their connections and the
 * ways out, then translated and counted. Owned by the worker.
 */
final class PlainReplies {
    private final PlainPackets plain;
    private final ConnectionTable table;
    private final ConnectionLife life;
    private final SteadyLife steady;
    private final ServerWays servers;
    private final WaysOut ways;
    private final BurstCounts counts;
    private final PlainDepartures departures;
    private final PlainWatch watch;
    private final @Nullable PlainForwarder translator;
    private final PlainHeader header = new PlainHeader();

    PlainReplies(
            Director director,
            PlainPackets plain,
            ServerWays servers,
            WaysOut ways,
            BurstCounts counts,
            PlainDepartures departures,
            PlainWatch watch,
            @Nullable PlainForwarder translator) {
        this.plain = plain;
        this.table = director.table();
        this.life = director.life();
        this.steady = life.steady();
        this.servers = servers;
        this.ways = ways;
        this.counts = counts;
        this.departures = departures;
        this.watch = watch;
        this.translator = translator;
    }

    /**
     * Counts packets and notes their ways out. One that turns out to be no server's is a client's
     * from then on.
     *
     * @param from the place in the burst to begin at
     * @return the place of the next that is no server's plain packet after all
     */
    int forward(PacketBurst burst, int from) {
        int state = servers.state();
        boolean added = plain.outdated();
        boolean watched = watch.watches();
        int end = plain.repliesEnd(from);
        int i = from;
        for (; i < end; i++) {
            Packet packet = burst.get(i);
            long ip = packet.frame() + Ethernet.HEADER_BYTES;
            header.read(ip);
            int source = header.source();
            int ports = header.ports();
            int protocol = header.protocol();
            int client = header.destination();
            long first = added ? plain.firstLine(i) : plain.line(i);
            long line = table.replyLine(first, plain.hash(i), client, source, ports, protocol);
            if (line == 0) {
                plain.becomeRequest(i, table.hash(source, ports >>> 16, protocol));
                break;
            }
            long condition = ConnectionLine.condition(line);
            int flags = ConnectionTable.flagsOf(condition);
            boolean controlled = ConnectionLine.controller(line) != NONE;
            int seconds = steady.replySeconds(condition, protocol, controlled);
            int number = ConnectionLine.serverNumber(line);
            ServerWay server = servers.of(number, ConnectionLine.server(line), state);
            WayOut way = ways.toOneOfMany(client);
            if ((flags & FastPath.NOT_PLAIN) != 0
                    || seconds == SteadyLife.CHANGES
                    || server == null
                    || way == null
                    || header.timeToLive() <= 1
                    || header.bytes() > way.mtu()
                    || !translate(packet, ip, line)) {
                break;
            }
            server.counters().out(header.bytes());
            counts.out(server.service(), header.bytes());
            life.renewLine(line, seconds);
            departures.by(i, way, header.bytes());
            if (watched) {
                watch.reply(line, condition);
            }
        }
        return i;
    }

    private boolean translate(Packet packet, long ip, long line) {
        PlainForwarder rewriter = translator;
        if (rewriter == null
                || !rewriter.toClient(
                        header,
                        ip + Ipv4.MIN_HEADER_BYTES,
                        PartialChecksum.isPending(packet),
                        ConnectionLine.virtual(line),
                        ConnectionLine.virtualPort(line))) {
            return false;
        }
        header.write(ip);
        return true;
    }
}
