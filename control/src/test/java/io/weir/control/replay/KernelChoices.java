package io.weir.control.replay;

import java.util.Arrays;
import java.util.Set;

/**
 * Clears what the recorded kernel picked at random or from its clock in frames it made itself, so
 * that what is left can be compared.
 */
final class KernelChoices {
    private static final int ICMP = 1;
    private static final int IPIP = 4;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int IPV6_FRAGMENT = 44;
    private static final int ICMPV6 = 58;
    private static final int TIMESTAMP_REPLY = 14;
    private static final int TIMESTAMP_OPTION = 0x44;
    private static final int IP = 14;
    private static final Set<Integer> TUNNELS = Set.of(IPIP, UDP, 41, 47);
    private static final Set<Integer> GUE_PORTS = Set.of(5555, 6080, 6081);

    private final byte[] frame;

    private KernelChoices(byte[] frame) {
        this.frame = frame;
    }

    /** A copy of the frame without them. */
    static byte[] cleared(byte[] frame) {
        KernelChoices copy = new KernelChoices(frame.clone());
        switch (copy.u16(12)) {
            case 0x0800 -> copy.clearIpv4();
            case 0x86dd -> copy.clearIpv6();
            default -> {}
        }
        return copy.frame;
    }

    private void clearIpv4() {
        int protocol = u8(IP + 9);
        int payload = IP + headerLength(IP);
        boolean first = (u16(IP + 6) & 0x1fff) == 0;
        int source = u16(IP + 12) << 16 | u16(IP + 14);
        boolean router = source == 0x0a010001 || source == 0x0a020001;
        boolean host = router || source >>> 16 == 0x0a01;
        boolean tunnel = router && TUNNELS.contains(protocol);
        clearTimestamps(IP);
        if (tunnel && protocol == IPIP && first) {
            clearTimestamps(payload);
        }
        if (protocol == ICMP && first && u8(payload) == TIMESTAMP_REPLY) {
            clear(payload + 2, 2);
            clear(payload + 12, 8);
        }
        if (tunnel || (protocol == ICMP && host && madeHere(payload))) {
            clear(IP + 4, 2);
            clear(IP + 10, 2);
        }
        if (tunnel && protocol == UDP && first) {
            clearEncapsulation(payload);
        }
    }

    // An ICMP error with its class of service, or the reply to an echo or timestamp request.
    private boolean madeHere(int icmp) {
        return (u8(IP + 1) & 0xc0) == 0xc0 || u8(icmp) == 0 || u8(icmp) == TIMESTAMP_REPLY;
    }

    private void clearTimestamps(int ip) {
        int length = headerLength(ip);
        if (length > 20 && u8(ip + 20) == TIMESTAMP_OPTION) {
            clear(ip + 24, length - 24);
            clear(ip + 10, 2);
        }
    }

    // GUE: the source port spreads flows, and the checksum covers it.
    private void clearEncapsulation(int udp) {
        if (GUE_PORTS.contains(u16(udp + 2))) {
            clear(udp, 2);
            if (u16(udp + 6) != 0) {
                Arrays.fill(frame, udp + 6, udp + 8, (byte) 0xff);
            }
        }
    }

    private void clearIpv6() {
        int next = u8(IP + 6);
        int sourcePrefix = u16(IP + 8);
        boolean reset = next == TCP && u8(IP + 7) == 64 && (u8(67) & 4) != 0;
        if (next == ICMPV6 || (reset && sourcePrefix == 0xfd01)) {
            frame[15] &= (byte) 0xf0;
            clear(16, 2);
        }
        if (next == UDP && sourcePrefix == 0xfd02) {
            clearEncapsulation(IP + 40);
        }
        if (next == IPV6_FRAGMENT) {
            clear(IP + 44, 4);
        }
    }

    private int headerLength(int ip) {
        return (u8(ip) & 15) * 4;
    }

    private void clear(int from, int bytes) {
        Arrays.fill(frame, from, from + bytes, (byte) 0);
    }

    private int u8(int at) {
        return frame[at] & 0xff;
    }

    private int u16(int at) {
        return u8(at) << 8 | u8(at + 1);
    }
}
