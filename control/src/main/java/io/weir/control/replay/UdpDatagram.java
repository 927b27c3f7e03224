package io.weir.control.replay;

import io.weir.control.frame.FrameBytes;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * A UDP datagram in its IP packet, as a host's network stack makes and checks it (RFC 768, 791 and
 * 8200).
 */
final class UdpDatagram {
    static final int HEADER = 8;
    static final int PROTOCOL = 17;

    private final IpAddress destination;
    private final int destinationPort;
    private final byte[] payload;

    private UdpDatagram(IpAddress destination, int destinationPort, byte[] payload) {
        this.destination = destination;
        this.destinationPort = destinationPort;
        this.payload = payload;
    }

    IpAddress destination() {
        return destination;
    }

    int destinationPort() {
        return destinationPort;
    }

    byte[] payload() {
        return payload;
    }

    /**
     * A UDP header and its payload, with a checksum.
     *
     * @param source where it comes from
     */
    static byte[] transport(
            IpAddress source,
            int sourcePort,
            IpAddress destination,
            int destinationPort,
            byte[] payload) {
        byte[] bytes = new byte[HEADER + payload.length];
        FrameBytes.putU16(bytes, 0, sourcePort);
        FrameBytes.putU16(bytes, 2, destinationPort);
        FrameBytes.putU16(bytes, 4, bytes.length);
        System.arraycopy(payload, 0, bytes, HEADER, payload.length);
        int checksum = checksum(source, destination, bytes, bytes.length);
        FrameBytes.putU16(bytes, 6, checksum == 0 ? 0xffff : checksum);
        return bytes;
    }

    /**
     * What a host takes out of an IP packet's payload.
     *
     * @return null if the lengths or the checksum are wrong
     */
    static @Nullable UdpDatagram read(IpAddress source, IpAddress destination, byte[] transport) {
        if (transport.length < HEADER) {
            return null;
        }
        int length = FrameBytes.u16(transport, 4);
        if (length < HEADER || length > transport.length) {
            return null;
        }
        // Without a checksum it is fine over IPv4 (RFC 768), over IPv6 not (RFC 8200 8.1).
        boolean unchecked = FrameBytes.u16(transport, 6) == 0 && !destination.ipv6();
        if (!unchecked && checksum(source, destination, transport, length) != 0) {
            return null;
        }
        return new UdpDatagram(
                destination,
                FrameBytes.u16(transport, 2),
                Arrays.copyOfRange(transport, HEADER, length));
    }

    private static int checksum(
            IpAddress source, IpAddress destination, byte[] transport, int length) {
        byte[] from = source.toBytes();
        byte[] to = destination.toBytes();
        byte[] all = new byte[2 * from.length + 4 + length];
        System.arraycopy(from, 0, all, 0, from.length);
        System.arraycopy(to, 0, all, from.length, to.length);
        FrameBytes.putU16(all, 2 * from.length, PROTOCOL);
        FrameBytes.putU16(all, 2 * from.length + 2, length);
        System.arraycopy(transport, 0, all, 2 * from.length + 4, length);
        return FrameBytes.checksum(all, 0, all.length);
    }
}
