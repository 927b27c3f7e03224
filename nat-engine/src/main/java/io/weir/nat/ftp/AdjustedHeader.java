package io.weir.nat.ftp;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.Packet;

/**
 * Writes adjusted sequence numbers into TCP headers: the sequence one way, the acknowledgement and
 * the edges of selective acknowledgements (RFC 2018) the other way. Stateless; runs on the worker.
 */
final class AdjustedHeader {
    private static final int OPTION_END = 0;
    private static final int OPTION_NOP = 1;
    private static final int OPTION_SACK = 5;

    private AdjustedHeader() {}

    static void sequence(Packet packet, SequenceAdjustment adjustment) {
        long tcp = packet.transport();
        int before = sum(tcp);
        Tcp.setSequence(tcp, adjustment.sequence(Tcp.sequence(tcp)));
        update(packet, before);
    }

    static void acknowledgement(Packet packet, SequenceAdjustment adjustment) {
        if ((packet.tcpFlags() & Tcp.ACK) == 0) {
            return;
        }
        long tcp = packet.transport();
        int before = sum(tcp);
        Tcp.setAcknowledgement(tcp, adjustment.acknowledgement(Tcp.acknowledgement(tcp)));
        selective(tcp, adjustment);
        update(packet, before);
    }

    private static void selective(long tcp, SequenceAdjustment adjustment) {
        int end = Tcp.headerBytes(tcp);
        int at = Tcp.MIN_HEADER_BYTES;
        while (at < end) {
            int kind = Memory.u8(tcp + at);
            if (kind == OPTION_END) {
                return;
            }
            if (kind == OPTION_NOP) {
                at++;
                continue;
            }
            int length = at + 1 < end ? Memory.u8(tcp + at + 1) : 0;
            if (length < 2 || at + length > end) {
                return;
            }
            if (kind == OPTION_SACK) {
                for (int edge = at + 2; edge + 4 <= at + length; edge += 4) {
                    int number = Memory.u32(tcp + edge);
                    Memory.putU32(tcp + edge, adjustment.acknowledgement(number));
                }
            }
            at += length;
        }
    }

    // The sum of the whole header serves as the changed field (RFC 1624): an edge may lie at an odd
    // offset.
    private static int sum(long tcp) {
        return InternetChecksum.fold(InternetChecksum.sum(tcp, Tcp.headerBytes(tcp)));
    }

    private static void update(Packet packet, int before) {
        long tcp = packet.transport();
        if (!PartialChecksum.isPending(packet)) {
            Tcp.setChecksum(tcp, ChecksumUpdate.replace16(Tcp.checksum(tcp), before, sum(tcp)));
        }
    }
}
