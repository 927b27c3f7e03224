package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.NONE;

import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.egress.WayOut;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.PlainHeader;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Where the plain packets of a burst go, once it is decided: what is done to each of them on its
 * way out waits until the packets before it have been sent. Owned by the worker.
 */
final class PlainDepartures {
    private final ServerWays servers;
    private final Transmitter transmitter;
    private final DropCounters drops;

    // By place in the burst: a server's number, or NONE and another way; and the IP total length.
    private final int[] numbers = new int[PacketBurst.CAPACITY];
    private final @Nullable WayOut[] ways = new WayOut[PacketBurst.CAPACITY];
    private final int[] bytes = new int[PacketBurst.CAPACITY];

    PlainDepartures(ServerWays servers, Transmitter transmitter, DropCounters drops) {
        this.servers = servers;
        this.transmitter = transmitter;
        this.drops = drops;
    }

    /**
     * A packet goes to a server.
     *
     * @param number the server's, whose way is known
     * @param length its IP total length
     */
    void toServer(int index, int number, int length) {
        numbers[index] = number;
        bytes[index] = length;
    }

    /** A packet of this IP total length leaves by a way that is no server's. */
    @SuppressWarnings("ReferenceEquality") // the very same way
    void by(int index, WayOut way, int length) {
        // Mostly it is the same as in the burst before, and what is not written is not marked for
        // the collector.
        if (ways[index] != way) {
            ways[index] = way;
        }
        numbers[index] = NONE;
        bytes[index] = length;
    }

    /** Sends the packets between two places in the burst. */
    void send(PacketBurst burst, int from, int end) {
        for (int i = from; i < end; i++) {
            Packet packet = burst.get(i);
            long frame = packet.frame();
            WayOut way = numbers[i] == NONE ? ways[i] : servers.known(numbers[i]);
            LinkPort out = Objects.requireNonNull(Objects.requireNonNull(way).out());
            if (way.limit() < 0) {
                confirm(way);
            }
            PlainHeader.lowerTimeToLive(frame + Ethernet.HEADER_BYTES);
            way.address(frame);
            int length = Ethernet.HEADER_BYTES + bytes[i];
            if (!out.port().transmit(frame, length, packet.vnetHeader())) {
                drops.count(DropReason.TRANSMIT_FULL);
            }
        }
    }

    private void confirm(WayOut way) {
        Neighbour asked = way.stale();
        if (asked != null) {
            transmitter.confirm(asked);
        }
    }
}
