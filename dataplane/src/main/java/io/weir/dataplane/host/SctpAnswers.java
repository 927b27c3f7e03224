package io.weir.dataplane.host;

import io.weir.dataplane.checksum.Crc32c;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.packet.Packet;

/**
 * What a host says to SCTP packets that belong to no association of its own (RFC 9260 section 8.4,
 * "out of the blue"): ABORT to most, SHUTDOWN COMPLETE to a SHUTDOWN ACK, and nothing to those that
 * an answer could keep going for ever. Owned by the worker.
 */
final class SctpAnswers {
    private static final int ANSWER_BYTES = Sctp.HEADER_BYTES + Sctp.CHUNK_HEADER_BYTES;

    /** Capable of congestion notification, and nothing else (recorded: sctp-nat). */
    private static final int TYPE_OF_SERVICE = 2;

    private static final int STALE_COOKIE = 3;

    private final OwnPackets own;
    private final Crc32c crc = new Crc32c();

    SctpAnswers(OwnPackets own) {
        this.own = own;
    }

    /** Answers a packet whose common header is whole; false if it gets no answer. */
    boolean answer(Packet packet) {
        long sctp = packet.transport();
        int bytes = packet.transportBytes();
        if (!silent(sctp, bytes) && checksumGood(packet)) {
            long first = sctp + Sctp.HEADER_BYTES;
            return switch (Sctp.chunkType(first)) {
                // The one who begins has told its tag; others are known by the one they used.
                case Sctp.INIT -> send(packet, Sctp.ABORT, 0, Sctp.initiateTag(first));
                case Sctp.SHUTDOWN_ACK -> reflect(packet, Sctp.SHUTDOWN_COMPLETE);
                default -> reflect(packet, Sctp.ABORT);
            };
        }
        return false;
    }

    /**
     * Whether any chunk forbids an answer, or one is not what it says: shorter than its header or
     * reaching beyond the packet.
     */
    private static boolean silent(long sctp, int bytes) {
        int at = Sctp.HEADER_BYTES;
        if (at == bytes) {
            return true;
        }
        while (at < bytes) {
            int type = Sctp.chunkTypeAt(sctp, bytes, at);
            int length = type == Sctp.NO_CHUNK ? 0 : Sctp.chunkLength(sctp + at);
            if (length < Sctp.CHUNK_HEADER_BYTES
                    || length > bytes - at
                    || forbids(sctp, bytes, at, type, length)) {
                return true;
            }
            at += Sctp.padded(length);
        }
        return false;
    }

    private static boolean forbids(long sctp, int bytes, int at, int type, int length) {
        return switch (type) {
            case Sctp.ABORT, Sctp.SHUTDOWN_COMPLETE, Sctp.COOKIE_ACK -> true;
            case Sctp.ERROR ->
                    length >= 2 * Sctp.CHUNK_HEADER_BYTES
                            && Sctp.causeCode(sctp + at) == STALE_COOKIE;
            // An INIT travels alone (RFC 9260 section 6.10).
            case Sctp.INIT ->
                    at != Sctp.HEADER_BYTES
                            || length < Sctp.INIT_BYTES
                            || at + Sctp.padded(length) < bytes;
            default -> false;
        };
    }

    private boolean reflect(Packet packet, int chunk) {
        int tag = Sctp.verificationTag(packet.transport());
        return send(packet, chunk, Sctp.TAG_REFLECTED, tag);
    }

    private boolean send(Packet packet, int chunk, int chunkFlags, int tag) {
        long ip = own.begin();
        if (ip == 0) {
            return false;
        }
        long answer = ip + (packet.ipv6() ? Ipv6.HEADER_BYTES : Ipv4.MIN_HEADER_BYTES);
        Sctp.setSourcePort(answer, packet.destinationPort());
        Sctp.setDestinationPort(answer, packet.sourcePort());
        Sctp.setVerificationTag(answer, tag);
        long only = answer + Sctp.HEADER_BYTES;
        Sctp.setChunkType(only, chunk);
        Sctp.setChunkFlags(only, chunkFlags);
        Sctp.setChunkLength(only, Sctp.CHUNK_HEADER_BYTES);
        Sctp.setChecksum(answer, crc.sctp(answer, ANSWER_BYTES));
        if (packet.ipv6()) {
            replyV6(packet.ip(), ip);
        } else {
            int from = packet.destination();
            int to = packet.source();
            own.send(ip, ANSWER_BYTES, TYPE_OF_SERVICE, true, Ipv4.PROTOCOL_SCTP, from, to);
        }
        return true;
    }

    private void replyV6(long asked, long ip) {
        long fromHigh = Ipv6.destinationHigh(asked);
        long fromLow = Ipv6.destinationLow(asked);
        long toHigh = Ipv6.sourceHigh(asked);
        long toLow = Ipv6.sourceLow(asked);
        own.sendV6(
                ip,
                ANSWER_BYTES,
                TYPE_OF_SERVICE,
                Ipv4.PROTOCOL_SCTP,
                fromHigh,
                fromLow,
                toHigh,
                toLow);
    }

    private boolean checksumGood(Packet packet) {
        long vnet = packet.vnetHeader();
        return (vnet != 0 && VnetHeader.flags(vnet) != 0)
                || Sctp.checksum(packet.transport())
                        == crc.sctp(packet.transport(), packet.transportBytes());
    }
}
