package io.weir.dataplane.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where a packet of a test starts: {@code Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.100",
 * 80).syn().bytes()}.
 *
 * <p>IPv4 or IPv6 follows from the addresses. What is not said has a default: MAC addresses
 * 02:00:00:00:00:01 and 02:00:00:00:00:02, TTL 64, right lengths and checksums.
 */
public final class Frames {
    private Frames() {}

    public static FrameBuilder tcp() {
        return new FrameBuilder(FrameBuilder.TCP);
    }

    public static FrameBuilder udp() {
        return new FrameBuilder(FrameBuilder.UDP);
    }

    /** An SCTP packet without chunks; see {@link FrameBuilder#chunk}. */
    public static FrameBuilder sctp() {
        return new FrameBuilder(FrameBuilder.SCTP);
    }

    /** A packet of any protocol; what follows the IP header is the payload. */
    public static FrameBuilder ip(int protocol) {
        return new FrameBuilder(protocol);
    }

    /**
     * An ICMP message, or an ICMPv6 one if the addresses are.
     *
     * @param rest the second word of its header
     */
    public static FrameBuilder icmp(int type, int code, int rest) {
        return new FrameBuilder(FrameBuilder.ICMP).icmpHeader(type, code, rest);
    }

    /** An IPv4 echo request. */
    public static FrameBuilder ping(int identifier, int sequence) {
        return icmp(8, 0, identifier << 16 | sequence);
    }

    /**
     * An error about a packet.
     *
     * @param packet the packet from its IP header on, see {@link FrameBuilder#packet}; all of it is
     *     quoted
     */
    public static FrameBuilder icmpError(int type, int code, byte[] packet) {
        return icmp(type, code, 0).payload(packet);
    }

    /** An ARP request, broadcast. */
    public static byte[] arpRequest(String senderMac, String sender, String target) {
        return arp(1, "ff:ff:ff:ff:ff:ff", senderMac, sender, "00:00:00:00:00:00", target);
    }

    /** An ARP reply to one host. */
    public static byte[] arpReply(
            String senderMac, String sender, String targetMac, String target) {
        return arp(2, targetMac, senderMac, sender, targetMac, target);
    }

    private static byte[] arp(
            int operation,
            String destination,
            String senderMac,
            String sender,
            String targetMac,
            String target) {
        return ByteBuffer.allocate(42)
                .put(FrameBuilder.mac(destination))
                .put(FrameBuilder.mac(senderMac))
                .putShort((short) 0x0806)
                .putLong(0x0001_0800_0604_0000L | operation)
                .put(FrameBuilder.mac(senderMac))
                .put(FrameBuilder.address(sender))
                .put(FrameBuilder.mac(targetMac))
                .put(FrameBuilder.address(target))
                .array();
    }

    /** Bytes for a payload. */
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
