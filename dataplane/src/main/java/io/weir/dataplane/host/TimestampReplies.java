package io.weir.dataplane.host;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.Packet;

import java.util.function.LongSupplier;

/**
 * Answers ICMP timestamp requests (RFC 792, RFC 1122 3.2.2.8; recorded: icmp-echo). Owned by the
 * worker.
 */
final class TimestampReplies {
    private static final int TIME_BYTES = 4;
    private static final int MESSAGE_BYTES = Icmp.HEADER_BYTES + 3 * TIME_BYTES;
    private static final long DAY_MILLIS = 86_400_000;

    private final OwnPackets own;
    private final LongSupplier universalTime;

    TimestampReplies(OwnPackets own, LongSupplier universalTime) {
        this.own = own;
        this.universalTime = universalTime;
    }

    /** Answers a request; false if it is damaged or there is no room. */
    boolean answer(Packet packet) {
        int bytes = packet.transportBytes();
        long request = packet.transport();
        if (bytes < Icmp.HEADER_BYTES + TIME_BYTES
                || InternetChecksum.complement(InternetChecksum.sum(request, bytes)) != 0) {
            return false;
        }
        long ip = own.begin();
        if (ip == 0) {
            return false;
        }
        long reply = ip + Ipv4.MIN_HEADER_BYTES;
        int now = (int) Math.floorMod(universalTime.getAsLong(), DAY_MILLIS);
        Memory.copy(request, reply, Icmp.HEADER_BYTES + TIME_BYTES);
        Memory.putU32(reply + Icmp.HEADER_BYTES + TIME_BYTES, now);
        Memory.putU32(reply + Icmp.HEADER_BYTES + 2 * TIME_BYTES, now);
        Icmp.setType(reply, Icmp.TIMESTAMP_REPLY);
        Icmp.setChecksum(reply, 0);
        Icmp.setChecksum(reply, InternetChecksum.icmp(reply, MESSAGE_BYTES));
        int tos = Ipv4.typeOfService(packet.ip());
        int from = packet.destination();
        own.send(ip, MESSAGE_BYTES, tos, false, Ipv4.PROTOCOL_ICMP, from, packet.source());
        return true;
    }
}
