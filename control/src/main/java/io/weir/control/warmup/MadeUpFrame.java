package io.weir.control.warmup;

import io.weir.control.frame.FrameBytes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An Ethernet frame with a TCP segment or a UDP datagram, whose data is nought.
 *
 * @param destinationMac Ethernet addresses in the low 48 bits
 * @param source of the family of the destination
 * @param flags of the TCP header (RFC 9293 §3.1)
 * @param transportBytes of the transport's header and data, {@value #LEAST_TRANSPORT_BYTES} at
 *     least
 */
record MadeUpFrame(
        long destinationMac,
        long sourceMac,
        IpAddress source,
        IpAddress destination,
        int protocol,
        int sourcePort,
        int destinationPort,
        int flags,
        int transportBytes) {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int ACK = 16;

    static final int LEAST_TRANSPORT_BYTES = 26;

    private static final int ETHERNET_BYTES = 14;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int HOPS = 64;

    /** From the frame's start to the transport header, in bytes. */
    int transportOffset() {
        return ETHERNET_BYTES + (source.ipv6() ? IPV6_BYTES : IPV4_BYTES);
    }

    /** From the transport header to the checksum, in bytes. */
    int checksumOffset() {
        return protocol == ServiceId.TCP ? 16 : 6;
    }

    /**
     * Its bytes.
     *
     * @param summed whether the transport checksum is complete; otherwise it has the
     *     pseudo-header's sum
     */
    byte[] encode(boolean summed) {
        boolean ipv6 = source.ipv6();
        ByteBuffer frame = ByteBuffer.allocate(transportOffset() + transportBytes);
        byte[] bytes = frame.array();
        FrameBytes.appendMac(frame, destinationMac);
        FrameBytes.appendMac(frame, sourceMac);
        if (ipv6) {
            frame.putShort((short) 0x86dd).putInt(6 << 28).putShort((short) transportBytes);
            frame.put((byte) protocol).put((byte) HOPS);
        } else {
            frame.putShort((short) 0x0800).putShort((short) 0x4500);
            frame.putShort((short) (IPV4_BYTES + transportBytes)).putShort((short) 0);
            frame.putShort((short) 0x4000)
                    .put((byte) HOPS)
                    .put((byte) protocol)
                    .putShort((short) 0);
        }
        int addresses = frame.position();
        frame.put(source.toBytes()).put(destination.toBytes());
        int transport = frame.position();
        frame.putShort((short) sourcePort).putShort((short) destinationPort);
        if (protocol == ServiceId.TCP) {
            frame.putInt(1).putInt((flags & ACK) == 0 ? 0 : 1);
            frame.put((byte) 0x50).put((byte) flags).putShort((short) 0xffff);
        } else {
            frame.putShort((short) transportBytes);
        }
        if (!ipv6) {
            FrameBytes.putU16(bytes, 24, FrameBytes.checksum(bytes, ETHERNET_BYTES, transport));
        }
        int pseudo = protocol + transportBytes;
        int sum =
                summed
                        ? ~FrameBytes.sum(bytes, addresses, frame.position(), pseudo)
                        : FrameBytes.sum(bytes, addresses, transport, pseudo);
        // A datagram's checksum of 0 would say that it has none (RFC 768).
        int written = (sum & 0xffff) == 0 && protocol == ServiceId.UDP ? 0xffff : sum;
        FrameBytes.putU16(bytes, transport + checksumOffset(), written);
        return bytes;
    }

    /** Reads a frame as {@link #encode} makes it; null if it is none. */
    static @Nullable MadeUpFrame decode(byte[] bytes) {
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        boolean ipv6 = frame.getShort(12) == (short) 0x86dd;
        int protocol = frame.get(ipv6 ? 20 : 23);
        int transportBytes = bytes.length - ETHERNET_BYTES - (ipv6 ? IPV6_BYTES : IPV4_BYTES);
        if (transportBytes < LEAST_TRANSPORT_BYTES
                || (!ipv6 && frame.getShort(12) != (short) 0x0800)
                || (protocol != ServiceId.TCP && protocol != ServiceId.UDP)) {
            return null;
        }
        int addresses = ipv6 ? 22 : 26;
        int addressBytes = ipv6 ? 16 : 4;
        int transport = addresses + 2 * addressBytes;
        return new MadeUpFrame(
                FrameBytes.mac(bytes, 0),
                FrameBytes.mac(bytes, 6),
                IpAddress.of(Arrays.copyOfRange(bytes, addresses, addresses + addressBytes)),
                IpAddress.of(Arrays.copyOfRange(bytes, addresses + addressBytes, transport)),
                protocol,
                frame.getShort(transport) & 0xffff,
                frame.getShort(transport + 2) & 0xffff,
                protocol == ServiceId.TCP ? frame.get(transport + 13) : 0,
                transportBytes);
    }

    /** The same with other flags. */
    MadeUpFrame with(int otherFlags) {
        return new MadeUpFrame(
                destinationMac,
                sourceMac,
                source,
                destination,
                protocol,
                sourcePort,
                destinationPort,
                otherFlags,
                transportBytes);
    }

    /** What the receiver answers. */
    MadeUpFrame answer() {
        return new MadeUpFrame(
                /* destinationMac= */ sourceMac,
                /* sourceMac= */ destinationMac,
                /* source= */ destination,
                /* destination= */ source,
                protocol,
                /* sourcePort= */ destinationPort,
                /* destinationPort= */ sourcePort,
                flags | ACK,
                transportBytes);
    }
}
