package io.weir.nat.ftp;

import io.weir.dataplane.checksum.ChecksumUpdate;
import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.egress.PartialChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.packet.Packet;

/**
 * Replaces the IPv4 address in the text of a TCP segment. What is before it moves into or out of
 * the headroom; lengths and checksums follow, the checksums by the difference (RFC 1624), so that a
 * wrong one stays wrong. Stateless; runs on the worker.
 */
final class ReplacedText {
    private static final int MAX_LENGTH = 0xffff;

    private ReplacedText() {}

    /** How long an address is as four decimal numbers with commas between. */
    static int bytes(int address) {
        return 3
                + digits(address >>> 24)
                + digits(address >>> 16 & 0xff)
                + digits(address >>> 8 & 0xff)
                + digits(address & 0xff);
    }

    private static int digits(int number) {
        return number < 10 ? 1 : number < 100 ? 2 : 3;
    }

    /**
     * Writes an address over a part of the payload.
     *
     * @param at where the part begins, counted from the TCP header
     * @param oldBytes how long it is
     * @return false if the packet would be too long; it is then as it was
     */
    static boolean replace(Packet packet, int at, int oldBytes, int address) {
        int growth = bytes(address) - oldBytes;
        if (packet.ipBytes() + growth > MAX_LENGTH) {
            return false;
        }
        int before = sum(packet);
        int bytesBefore = packet.transportBytes();
        int lengthBefore = packet.ipBytes();
        packet.stretch(packet.transport() + at + oldBytes, growth);
        write(packet.transport() + at, address);
        long ip = packet.ip();
        Ipv4.setTotalLength(ip, packet.ipBytes());
        Ipv4.setChecksum(
                ip, ChecksumUpdate.replace16(Ipv4.checksum(ip), lengthBefore, packet.ipBytes()));
        long tcp = packet.transport();
        int checksum = Tcp.checksum(tcp);
        Tcp.setChecksum(
                tcp,
                PartialChecksum.isPending(packet)
                        ? ChecksumUpdate.partialReplace32(
                                checksum, bytesBefore, packet.transportBytes())
                        : ChecksumUpdate.replace16(checksum, before, sum(packet)));
        return true;
    }

    // The pseudo header's length belongs to what a complete checksum covers.
    private static int sum(Packet packet) {
        int bytes = packet.transportBytes();
        return InternetChecksum.fold(InternetChecksum.sum(packet.transport(), bytes) + bytes);
    }

    private static void write(long to, int address) {
        long next = to;
        for (int shift = 24; shift >= 0; shift -= 8) {
            int number = address >>> shift & 0xff;
            if (number >= 100) {
                Memory.putU8(next++, '0' + number / 100);
            }
            if (number >= 10) {
                Memory.putU8(next++, '0' + number / 10 % 10);
            }
            Memory.putU8(next++, '0' + number % 10);
            if (shift > 0) {
                Memory.putU8(next++, ',');
            }
        }
    }
}
