package io.weir.dataplane.testing;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/** One packet under construction; see {@link Frames}. */
public final class FrameBuilder {
    static final int ICMP = 1;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int IPV6_FRAGMENT = 44;
    static final int ICMPV6 = 58;
    static final int SCTP = 132;

    private static final int CHECKSUM_RIGHT = 0;
    private static final int CHECKSUM_WRONG = 1;
    private static final int CHECKSUM_NONE = 2;
    private static final int CHECKSUM_PARTIAL = 3;

    private final int protocol;
    private byte[] sourceMac = mac("02:00:00:00:00:01");
    private byte[] destinationMac = mac("02:00:00:00:00:02");
    private byte[] source = address("10.0.0.1");
    private byte[] destination = address("10.0.0.2");
    private int sourcePort = 1024;
    private int destinationPort = 80;
    private int timeToLive = 64;
    private int typeOfService;
    private int identification;
    private boolean dontFragment;
    private byte[] ipOptions = {};
    private final List<Integer> extensionTypes = new ArrayList<>();
    private final List<byte[]> extensions = new ArrayList<>();
    private int tcpFlags;
    private long sequence;
    private long acknowledgement;
    private int window = 65535;
    private int urgentPointer;
    private byte[] tcpOptions = {};
    private int icmpTypeAndCode;
    private int icmpRest;
    private int verificationTag;
    private byte[] payload = {};
    private int checksumKind = CHECKSUM_RIGHT;

    FrameBuilder(int protocol) {
        this.protocol = protocol;
    }

    /** Sets both MAC addresses, written with colons. */
    public FrameBuilder macs(String from, String to) {
        sourceMac = mac(from);
        destinationMac = mac(to);
        return this;
    }

    public FrameBuilder from(String address, int port) {
        sourcePort = port;
        return from(address);
    }

    public FrameBuilder from(String address) {
        source = address(address);
        return this;
    }

    public FrameBuilder to(String address, int port) {
        destinationPort = port;
        return to(address);
    }

    public FrameBuilder to(String address) {
        destination = address(address);
        return this;
    }

    /** Time to live, or hop limit. */
    public FrameBuilder ttl(int hops) {
        timeToLive = hops;
        return this;
    }

    /** Type of service, or traffic class. */
    public FrameBuilder tos(int value) {
        typeOfService = value;
        return this;
    }

    public FrameBuilder id(int identification) {
        this.identification = identification;
        return this;
    }

    public FrameBuilder dontFragment() {
        dontFragment = true;
        return this;
    }

    /** IPv4 options, a multiple of 4 bytes up to 40. */
    public FrameBuilder ipOptions(byte... options) {
        ipOptions = options.clone();
        return this;
    }

    /**
     * Adds an IPv6 extension header, behind those there are; when the packet is cut, every fragment
     * has it.
     *
     * @param header all of it; its first byte is filled in
     */
    public FrameBuilder extension(int type, byte... header) {
        extensionTypes.add(type);
        extensions.add(header.clone());
        return this;
    }

    public FrameBuilder syn() {
        return flags(2);
    }

    public FrameBuilder fin() {
        return flags(1);
    }

    public FrameBuilder rst() {
        return flags(4);
    }

    public FrameBuilder psh() {
        return flags(8);
    }

    /** Sets ACK and the acknowledgement number. */
    public FrameBuilder ack(long number) {
        acknowledgement = number;
        return flags(16);
    }

    /** Adds TCP flags to those already set. */
    public FrameBuilder flags(int bits) {
        tcpFlags |= bits;
        return this;
    }

    public FrameBuilder seq(long number) {
        sequence = number;
        return this;
    }

    public FrameBuilder window(int window) {
        this.window = window;
        return this;
    }

    public FrameBuilder urgentPointer(int offset) {
        urgentPointer = offset;
        return flags(32);
    }

    /** TCP options, a multiple of 4 bytes up to 40. */
    public FrameBuilder tcpOptions(byte... options) {
        tcpOptions = options.clone();
        return this;
    }

    FrameBuilder icmpHeader(int type, int code, int rest) {
        icmpTypeAndCode = type << 8 | code;
        icmpRest = rest;
        return this;
    }

    public FrameBuilder verificationTag(int tag) {
        verificationTag = tag;
        return this;
    }

    /** Appends an SCTP chunk that is nothing but its header. */
    public FrameBuilder chunk(int type) {
        return chunk(type, 0, new byte[0]);
    }

    /** Appends an SCTP chunk, padded to a multiple of 4 bytes. */
    public FrameBuilder chunk(int type, int flags, byte... value) {
        int length = 4 + value.length;
        byte[] header = {(byte) type, (byte) flags, (byte) (length >> 8), (byte) length};
        byte[] padded = Arrays.copyOf(value, (value.length + 3) & ~3);
        payload = join(payload, join(header, padded));
        return this;
    }

    /** Appends an INIT (1) or INIT ACK (2) chunk without parameters. */
    public FrameBuilder initChunk(int type, int tag) {
        byte[] fixed = ByteBuffer.allocate(16).putInt(tag).putInt(65535).putInt(0xa000a).array();
        return chunk(type, 0, fixed);
    }

    public FrameBuilder payload(String ascii) {
        return payload(Frames.ascii(ascii));
    }

    public FrameBuilder payload(byte[] bytes) {
        payload = bytes.clone();
        return this;
    }

    /** Puts a transport checksum that is off by one. */
    public FrameBuilder wrongChecksum() {
        checksumKind = CHECKSUM_WRONG;
        return this;
    }

    /** Puts 0 where the transport checksum should be: for UDP, none was computed. */
    public FrameBuilder noChecksum() {
        checksumKind = CHECKSUM_NONE;
        return this;
    }

    /** Leaves the checksum to the network card: only the pseudo header's sum is in its field. */
    public FrameBuilder partialChecksum() {
        checksumKind = CHECKSUM_PARTIAL;
        return this;
    }

    /** The Ethernet frame. */
    public byte[] bytes() {
        return framed(packet());
    }

    /** The packet from the IP header on. */
    public byte[] packet() {
        byte[] transport = transport();
        return ipv6()
                ? ipv6Packet(protocolNumber(), transport)
                : ipv4Packet(dontFragment ? 0x4000 : 0, transport);
    }

    /**
     * The frames of the packet cut into fragments.
     *
     * @param bytesEach payload of each IP packet but the last, a multiple of 8
     */
    public List<byte[]> fragments(int bytesEach) {
        byte[] transport = transport();
        List<byte[]> frames = new ArrayList<>();
        for (int from = 0; from < transport.length; from += bytesEach) {
            int to = Math.min(transport.length, from + bytesEach);
            byte[] part = Arrays.copyOfRange(transport, from, to);
            frames.add(fragment(from, to < transport.length, part));
        }
        return frames;
    }

    /**
     * One frame that is a fragment, whether or not it fits to others.
     *
     * @param from where its part belongs, a multiple of 8
     * @param part what comes after the IP header
     */
    public byte[] fragment(int from, boolean more, byte[] part) {
        return framed(fragmentPacket(from, more, part));
    }

    private byte[] fragmentPacket(int from, boolean more, byte[] part) {
        if (!ipv6()) {
            int flags = (dontFragment ? 0x4000 : 0) | (more ? 0x2000 : 0);
            return ipv4Packet(flags | from >> 3, part);
        }
        byte[] header =
                ByteBuffer.allocate(8)
                        .put((byte) protocolNumber())
                        .put((byte) 0)
                        .putShort((short) (from | (more ? 1 : 0)))
                        .putInt(identification)
                        .array();
        return ipv6Packet(IPV6_FRAGMENT, join(header, part));
    }

    private boolean ipv6() {
        return source.length == 16;
    }

    private int protocolNumber() {
        return ipv6() && protocol == ICMP ? ICMPV6 : protocol;
    }

    private byte[] framed(byte[] packet) {
        return ByteBuffer.allocate(14 + packet.length)
                .put(destinationMac)
                .put(sourceMac)
                .putShort((short) (ipv6() ? 0x86dd : 0x0800))
                .put(packet)
                .array();
    }

    private byte[] ipv4Packet(int flagsAndOffset, byte[] content) {
        int headerBytes = 20 + ipOptions.length;
        ByteBuffer header =
                ByteBuffer.allocate(headerBytes)
                        .put((byte) (0x40 | headerBytes / 4))
                        .put((byte) typeOfService)
                        .putShort((short) (headerBytes + content.length))
                        .putShort((short) identification)
                        .putShort((short) flagsAndOffset)
                        .put((byte) timeToLive)
                        .put((byte) protocol)
                        .putShort((short) 0)
                        .put(source)
                        .put(destination)
                        .put(ipOptions);
        header.putShort(10, (short) SlowChecksum.checksum(header.array()));
        return join(header.array(), content);
    }

    private byte[] ipv6Packet(int lastHeader, byte[] lastContent) {
        int nextHeader = lastHeader;
        byte[] content = lastContent;
        for (int i = extensions.size() - 1; i >= 0; i--) {
            byte[] extension = extensions.get(i).clone();
            extension[0] = (byte) nextHeader;
            content = join(extension, content);
            nextHeader = extensionTypes.get(i);
        }
        byte[] header =
                ByteBuffer.allocate(40)
                        .putInt(0x6000_0000 | typeOfService << 20)
                        .putShort((short) content.length)
                        .put((byte) nextHeader)
                        .put((byte) timeToLive)
                        .put(source)
                        .put(destination)
                        .array();
        return join(header, content);
    }

    /** The packet without its IP header. */
    public byte[] transport() {
        return switch (protocol) {
            case TCP -> summed(join(tcpHeader(), payload), 16);
            case UDP -> summed(join(udpHeader(), payload), 6);
            case ICMP -> summed(join(icmpHeader(), payload), 2);
            case SCTP -> crced(join(sctpHeader(), payload));
            default -> payload;
        };
    }

    private byte[] tcpHeader() {
        int headerBytes = 20 + tcpOptions.length;
        return ByteBuffer.allocate(headerBytes)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putInt((int) sequence)
                .putInt((int) acknowledgement)
                .put((byte) (headerBytes << 2))
                .put((byte) tcpFlags)
                .putShort((short) window)
                .putShort((short) 0)
                .putShort((short) urgentPointer)
                .put(tcpOptions)
                .array();
    }

    private byte[] udpHeader() {
        return ByteBuffer.allocate(8)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putShort((short) (8 + payload.length))
                .array();
    }

    private byte[] icmpHeader() {
        return ByteBuffer.allocate(8)
                .putShort((short) icmpTypeAndCode)
                .putShort((short) 0)
                .putInt(icmpRest)
                .array();
    }

    private byte[] sctpHeader() {
        return ByteBuffer.allocate(12)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putInt(verificationTag)
                .array();
    }

    private byte[] summed(byte[] segment, int checksumOffset) {
        byte[] pseudo =
                protocol == ICMP && !ipv6()
                        ? new byte[0]
                        : pseudoHeader(source, destination, protocolNumber(), segment.length);
        int checksum = SlowChecksum.checksum(join(pseudo, segment));
        int written =
                switch (checksumKind) {
                    case CHECKSUM_WRONG -> checksum ^ 1;
                    case CHECKSUM_NONE -> 0;
                    case CHECKSUM_PARTIAL -> SlowChecksum.sum(pseudo);
                    default -> checksum == 0 && protocol == UDP ? 0xffff : checksum;
                };
        ByteBuffer.wrap(segment).putShort(checksumOffset, (short) written);
        return segment;
    }

    private byte[] crced(byte[] packet) {
        int crc = sctpChecksum(packet);
        int written =
                switch (checksumKind) {
                    case CHECKSUM_WRONG -> crc ^ 1;
                    case CHECKSUM_NONE, CHECKSUM_PARTIAL -> 0;
                    default -> crc;
                };
        ByteBuffer.wrap(packet).putInt(8, written);
        return packet;
    }

    /** The CRC32c of an SCTP packet whose checksum field is 0, as its field shows it (RFC 9260). */
    static int sctpChecksum(byte[] packet) {
        CRC32C crc = new CRC32C();
        crc.update(packet);
        return Integer.reverseBytes((int) crc.getValue());
    }

    static byte[] pseudoHeader(byte[] source, byte[] destination, int protocol, int length) {
        ByteBuffer pseudo = ByteBuffer.allocate(source.length * 2 + 8);
        return pseudo.put(source).put(destination).putInt(protocol).putInt(length).array();
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    static byte[] mac(String text) {
        return HexFormat.ofDelimiter(":").parseHex(text);
    }

    static byte[] address(String text) {
        return InetAddress.ofLiteral(text).getAddress();
    }
}
