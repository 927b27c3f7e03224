package io.weir.bench.rate;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

/**
 * The packets of a flood: Ethernet frames of many flows to one destination, whose checksums are
 * right. Over IPv4 they have 60 bytes, as the shortest on a wire; over IPv6 80, whose header is
 * longer by as much.
 *
 * <p>Flows differ in the source's address and port: 4096 ports from each address.
 *
 * @param destinationMac of the balancer's interface
 * @param sourceMac of the client's interface
 * @param protocol 6 for TCP or 17 for UDP
 * @param destination where all packets go; its family is theirs
 * @param firstSource the source's address of the first flows; those of the others follow it
 * @param flowBits the logarithm of the number of flows to the base 2, at most 24
 */
public record FloodTraffic(
        long destinationMac,
        long sourceMac,
        int protocol,
        IpAddress destination,
        int destinationPort,
        IpAddress firstSource,
        int flowBits) {
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int TCP_SYN = Tcp.SYN;
    public static final int TCP_ACK = Tcp.ACK;

    static final int IPV4_CHECKSUM_OFFSET = 24;

    /** UDP or TCP with its data. */
    private static final int TRANSPORT_BYTES = 26;

    /** The logarithm of how many flows share a source address. */
    static final int PORT_BITS = 12;

    static final int FIRST_PORT = 16384;

    private static final int ETHERNET_BYTES = Ethernet.HEADER_BYTES;
    private static final int IPV4_BYTES = Ipv4.MIN_HEADER_BYTES;
    private static final int TIME_TO_LIVE = 64;
    private static final long LOW_WORD = 0xffffffffL;
    static final int MOST_FLOW_BITS = 24;

    public FloodTraffic {
        if (protocol != TCP && protocol != UDP) {
            throw new IllegalArgumentException("a flood is of TCP or UDP, not of " + protocol);
        }
        if (destination.ipv6() != firstSource.ipv6()) {
            throw new IllegalArgumentException(
                    "a flood from " + firstSource + " cannot go to " + destination);
        }
        if (flowBits < 0 || flowBits > MOST_FLOW_BITS) {
            throw new IllegalArgumentException(
                    "a flood has up to 2^" + MOST_FLOW_BITS + " flows, not 2^" + flowBits);
        }
    }

    public int flows() {
        return 1 << flowBits;
    }

    private boolean ipv6() {
        return destination.ipv6();
    }

    int frameBytes() {
        return transportOffset() + TRANSPORT_BYTES;
    }

    /** Where the last 32 bits of the source's address are. */
    int sourceAddressOffset() {
        return addressesOffset() + (ipv6() ? 12 : 0);
    }

    private int addressesOffset() {
        return ETHERNET_BYTES + (ipv6() ? Ipv6.ADDRESSES_OFFSET : 12);
    }

    private int transportOffset() {
        return ETHERNET_BYTES + (ipv6() ? Ipv6.HEADER_BYTES : IPV4_BYTES);
    }

    int sourcePortOffset() {
        return transportOffset();
    }

    /** Where the byte with the TCP flags is. */
    int tcpFlagsOffset() {
        return transportOffset() + 13;
    }

    int transportChecksumOffset() {
        return transportOffset() + (protocol == TCP ? 16 : 6);
    }

    /**
     * The frame without what differs between flows and with TCP flags 0: the last 32 bits of the
     * source address, the source port and the checksums are 0.
     */
    byte[] template() {
        int bytes = frameBytes();
        try (NativeBlock block = new NativeBlock(bytes)) {
            long at = block.address();
            Memory.fill(at, bytes, (byte) 0);
            Ethernet.setDestination(at, destinationMac);
            Ethernet.setSource(at, sourceMac);
            if (ipv6()) {
                writeIpv6(at);
            } else {
                writeIpv4(at);
            }
            long transport = at + transportOffset();
            Udp.setDestinationPort(transport, destinationPort);
            if (protocol == UDP) {
                Udp.setLength(transport, TRANSPORT_BYTES);
            } else {
                Tcp.setSequence(transport, 1);
                Tcp.setAcknowledgement(transport, 1);
                Tcp.setHeaderBytes(transport, Tcp.MIN_HEADER_BYTES);
                Tcp.setWindow(transport, 0xffff);
            }
            return Memory.bytes(at, bytes);
        }
    }

    private void writeIpv4(long frame) {
        Ethernet.setType(frame, Ethernet.TYPE_IPV4);
        long ip = frame + ETHERNET_BYTES;
        Ipv4.setVersion(ip, 4);
        Ipv4.setHeaderBytes(ip, IPV4_BYTES);
        Ipv4.setTotalLength(ip, IPV4_BYTES + TRANSPORT_BYTES);
        Ipv4.setFlagsAndOffset(ip, Ipv4.DONT_FRAGMENT);
        Ipv4.setTimeToLive(ip, TIME_TO_LIVE);
        Ipv4.setProtocol(ip, protocol);
        Ipv4.setDestination(ip, destination.v4());
    }

    private void writeIpv6(long frame) {
        Ethernet.setType(frame, Ethernet.TYPE_IPV6);
        long ip = frame + ETHERNET_BYTES;
        Ipv6.setVersion(ip, 6);
        Ipv6.setPayloadLength(ip, TRANSPORT_BYTES);
        Ipv6.setHopLimit(ip, TIME_TO_LIVE);
        Ipv6.setNextHeader(ip, protocol);
        Ipv6.setSource(ip, firstSource.high(), firstSource.low() & ~LOW_WORD);
        Ipv6.setDestination(ip, destination.high(), destination.low());
    }

    /** The last 32 bits of the first flows' source address. */
    int firstSourceWord() {
        return (int) firstSource.low();
    }

    /** Whether the IP header has a checksum, at {@link #IPV4_CHECKSUM_OFFSET}. */
    boolean hasHeaderChecksum() {
        return !ipv6();
    }

    /** The sum, not complemented, of what the template has of the IPv4 header. */
    static int ipv4Sum(byte[] template) {
        return sum(template, ETHERNET_BYTES, IPV4_BYTES);
    }

    /** The sum, not complemented, of what the template has of segment and pseudo-header. */
    int transportSum(byte[] template) {
        return fold(
                sum(template, transportOffset(), TRANSPORT_BYTES)
                        + sum(template, addressesOffset(), ipv6() ? Ipv6.ADDRESSES_BYTES : 8)
                        + protocol
                        + TRANSPORT_BYTES);
    }

    private static int sum(byte[] frame, int from, int bytes) {
        int sum = 0;
        for (int i = from; i < from + bytes; i += 2) {
            sum += ((frame[i] & 0xff) << 8) | (frame[i + 1] & 0xff);
        }
        return fold(sum);
    }

    static int fold(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }

    /**
     * Writes the frame of a packet in full.
     *
     * @param intruders as {@link Flood#setIntruders} says
     * @param number the packet's number, from which its flow follows
     */
    void write(byte[] template, int tcpFlags, int intruders, int number, long to) {
        boolean intruder = (number & intruders) != 0;
        int flow = intruder ? flow(number, MOST_FLOW_BITS) : flow(number);
        int address = firstSourceWord() + (flow >>> PORT_BITS);
        int port = FIRST_PORT + (flow & ((1 << PORT_BITS) - 1));
        int addressSum = (address >>> 16) + (address & 0xffff);
        Memory.copyIn(template, 0, to, template.length);
        Memory.putU32(to + sourceAddressOffset(), address);
        Memory.putU16(to + sourcePortOffset(), port);
        if (hasHeaderChecksum()) {
            Memory.putU16(to + IPV4_CHECKSUM_OFFSET, checksum(ipv4Sum(template) + addressSum));
        }
        int opening = intruder ? TCP_SYN : tcpFlags;
        int flags = protocol == TCP ? opening : 0;
        if (protocol == TCP) {
            Memory.putU8(to + tcpFlagsOffset(), flags);
        }
        Memory.putU16(
                to + transportChecksumOffset(),
                checksum(transportSum(template) + addressSum + port + flags));
    }

    /** The checksum of a sum: never 0, which of UDP would say that there is none (RFC 8200). */
    private static int checksum(int sum) {
        int complement = ~fold(sum) & 0xffff;
        return complement == 0 ? 0xffff : complement;
    }

    /** Numbers in a row give flows far from each other, and each flow as often as any other. */
    int flow(int number) {
        return flow(number, flowBits);
    }

    private static int flow(int number, int bits) {
        return bits == 0 ? 0 : (number * MULTIPLIER) >>> (32 - bits);
    }

    /** The golden ratio in 32 bits (Knuth, The Art of Computer Programming, section 6.4). */
    static final int MULTIPLIER = 0x9e3779b1;
}
