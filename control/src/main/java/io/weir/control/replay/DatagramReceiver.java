package io.weir.control.replay;

import io.weir.control.frame.FrameBytes;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Takes UDP datagrams out of frames as a host's network stack does: it checks headers and
 * checksums, drops what claims to come from the host itself, and puts fragments together.
 */
final class DatagramReceiver {
    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int IPV6 = 40;
    private static final int FRAGMENT = 8;
    private static final int NEXT_FRAGMENT = 44;

    /** Datagrams whose fragments wait; the oldest goes when there are more. */
    private static final int MOST_WAITING = 64;

    private static final int LONGEST = 65535;

    private final long mac;
    private final Set<IpAddress> own;
    private final Map<FragmentKey, Fragments> waiting = new LinkedHashMap<>();

    private record FragmentKey(IpAddress source, IpAddress destination, int identification) {}

    /** The parts of a datagram by where they begin. */
    private static final class Fragments {
        private final TreeMap<Integer, byte[]> parts = new TreeMap<>();
        private int total = -1;
    }

    /**
     * A receiver.
     *
     * @param mac the interface's Ethernet address
     * @param own the host's addresses
     */
    DatagramReceiver(long mac, Set<IpAddress> own) {
        this.mac = mac;
        this.own = Set.copyOf(own);
    }

    /** The datagram that a frame completes, or null. */
    @Nullable UdpDatagram receive(byte[] frame) {
        if (frame.length < ETHERNET || !forThisHost(frame)) {
            return null;
        }
        byte[] packet = Arrays.copyOfRange(frame, ETHERNET, frame.length);
        return switch (FrameBytes.u16(frame, 12)) {
            case 0x0800 -> ipv4(packet);
            case 0x86dd -> ipv6(packet);
            default -> null;
        };
    }

    private boolean forThisHost(byte[] frame) {
        byte[] wanted = new byte[6];
        FrameBytes.putMac(wanted, 0, mac);
        return (frame[0] & 1) != 0 || Arrays.equals(frame, 0, 6, wanted, 0, 6);
    }

    private @Nullable UdpDatagram ipv4(byte[] packet) {
        if (packet.length < IPV4 || packet[0] >> 4 != 4) {
            return null;
        }
        int header = (packet[0] & 15) * 4;
        int total = FrameBytes.u16(packet, 2);
        if (header < IPV4
                || total < header
                || total > packet.length
                || FrameBytes.checksum(packet, 0, header) != 0
                || FrameBytes.u8(packet, 9) != UdpDatagram.PROTOCOL) {
            return null;
        }
        IpAddress source = IpAddress.of(Arrays.copyOfRange(packet, 12, 16));
        IpAddress destination = IpAddress.of(Arrays.copyOfRange(packet, 16, 20));
        // RFC 1122 3.2.1.3: a loopback address never comes from outside.
        if (own.contains(source) || packet[12] == 127 || (packet[12] & 0xf0) == 0xe0) {
            return null;
        }
        byte[] part = Arrays.copyOfRange(packet, header, total);
        int fragment = FrameBytes.u16(packet, 6) & 0x3fff;
        FragmentKey key = new FragmentKey(source, destination, FrameBytes.u16(packet, 4));
        byte[] transport =
                fragment == 0
                        ? part
                        : assemble(key, (fragment & 0x1fff) * 8, (fragment & 0x2000) != 0, part);
        return transport == null ? null : UdpDatagram.read(source, destination, transport);
    }

    private @Nullable UdpDatagram ipv6(byte[] packet) {
        if (packet.length < IPV6
                || (packet[0] & 0xf0) != 0x60
                || IPV6 + FrameBytes.u16(packet, 4) > packet.length) {
            return null;
        }
        IpAddress source = IpAddress.of(Arrays.copyOfRange(packet, 8, 24));
        IpAddress destination = IpAddress.of(Arrays.copyOfRange(packet, 24, 40));
        if (own.contains(source) || (source.high() == 0 && source.low() == 1)) {
            return null;
        }
        byte[] payload = Arrays.copyOfRange(packet, IPV6, IPV6 + FrameBytes.u16(packet, 4));
        int next = FrameBytes.u8(packet, 6);
        byte[] transport = null;
        if (next == UdpDatagram.PROTOCOL) {
            transport = payload;
        } else if (next == NEXT_FRAGMENT
                && payload.length >= FRAGMENT
                && FrameBytes.u8(payload, 0) == UdpDatagram.PROTOCOL) {
            int identification = FrameBytes.u16(payload, 4) << 16 | FrameBytes.u16(payload, 6);
            transport =
                    assemble(
                            new FragmentKey(source, destination, identification),
                            FrameBytes.u16(payload, 2) & ~7,
                            (payload[3] & 1) != 0,
                            Arrays.copyOfRange(payload, FRAGMENT, payload.length));
        }
        return transport == null ? null : UdpDatagram.read(source, destination, transport);
    }

    private byte @Nullable [] assemble(FragmentKey key, int offset, boolean more, byte[] part) {
        Fragments fragments = waiting.computeIfAbsent(key, any -> new Fragments());
        if (offset + part.length <= LONGEST) {
            fragments.parts.putIfAbsent(offset, part);
            fragments.total = more ? fragments.total : offset + part.length;
        }
        if (waiting.size() > MOST_WAITING) {
            Iterator<FragmentKey> oldest = waiting.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        int complete = 0;
        for (Map.Entry<Integer, byte[]> next : fragments.parts.entrySet()) {
            if (next.getKey() != complete) {
                return null;
            }
            complete += next.getValue().length;
        }
        if (complete != fragments.total) {
            return null;
        }
        waiting.remove(key);
        byte[] whole = new byte[complete];
        fragments.parts.forEach((at, bytes) -> System.arraycopy(bytes, 0, whole, at, bytes.length));
        return whole;
    }
}
