package io.weir.bench.rate;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

/**
 * The packets of a flood: 60-byte Ethernet frames of many flows to one destination, whose checksums
 * are right.
 *
 * <p>Flows differ in the source's address and port: 4096 ports from each address.
 *
 * @param destinationMac of the balancer's interface
 * @param sourceMac of the client's interface
 * @param protocol 6 for TCP or 17 for UDP
 * @param destination where all packets go
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

    static final int FRAME_BYTES = 60;
    static final int SOURCE_ADDRESS_OFFSET = 26;
    static final int SOURCE_PORT_OFFSET = 34;
    static final int IPV4_CHECKSUM_OFFSET = 24;
    static final int TCP_FLAGS_OFFSET = 46;

    /** The logarithm of how many flows share a source address. */
    static final int PORT_BITS = 12;

    static final int FIRST_PORT = 16384;

    private static final int ETHERNET_BYTES = Ethernet.HEADER_BYTES;
    private static final int IPV4_BYTES = Ipv4.MIN_HEADER_BYTES;
    private static final int TIME_TO_LIVE = 64;
    private static final int TRANSPORT_OFFSET = ETHERNET_BYTES + IPV4_BYTES;
    private static final int TRANSPORT_BYTES = FRAME_BYTES - TRANSPORT_OFFSET;
    static final int MOST_FLOW_BITS = 24;

    public FloodTraffic {
        if (protocol != TCP && protocol != UDP) {
            throw new IllegalArgumentException("a flood is of TCP or UDP, not of " + protocol);
        }
        if (flowBits < 0 || flowBits > MOST_FLOW_BITS) {
            throw new IllegalArgumentException(
                    "a flood has up to 2^" + MOST_FLOW_BITS + " flows, not 2^" + flowBits);
        }
    }

    public int flows() {
        return 1 << flowBits;
    }

    int transportChecksumOffset() {
        return TRANSPORT_OFFSET + (protocol == TCP ? 16 : 6);
    }

    /**
     * The frame without what differs between flows and with TCP flags 0: source address, source
     * port and both checksums are 0.
     */
    byte[] template() {
        try (NativeBlock block = new NativeBlock(FRAME_BYTES)) {
            long at = block.address();
            Memory.fill(at, FRAME_BYTES, (byte) 0);
            Ethernet.setDestination(at, destinationMac);
            Ethernet.setSource(at, sourceMac);
            Ethernet.setType(at, Ethernet.TYPE_IPV4);
            long ip = at + Ethernet.HEADER_BYTES;
            Ipv4.setVersion(ip, 4);
            Ipv4.setHeaderBytes(ip, IPV4_BYTES);
            Ipv4.setTotalLength(ip, FRAME_BYTES - ETHERNET_BYTES);
            Ipv4.setFlagsAndOffset(ip, Ipv4.DONT_FRAGMENT);
            Ipv4.setTimeToLive(ip, TIME_TO_LIVE);
            Ipv4.setProtocol(ip, protocol);
            Ipv4.setDestination(ip, destination.v4());
            long transport = at + TRANSPORT_OFFSET;
            Udp.setDestinationPort(transport, destinationPort);
            if (protocol == UDP) {
                Udp.setLength(transport, TRANSPORT_BYTES);
            } else {
                Tcp.setSequence(transport, 1);
                Tcp.setAcknowledgement(transport, 1);
                Tcp.setHeaderBytes(transport, Tcp.MIN_HEADER_BYTES);
                Tcp.setWindow(transport, 0xffff);
            }
            return Memory.bytes(at, FRAME_BYTES);
        }
    }

    /** The sum, not complemented, of what the template has of the IPv4 header. */
    static int ipv4Sum(byte[] template) {
        return sum(template, ETHERNET_BYTES, IPV4_BYTES);
    }

    /** The sum, not complemented, of what the template has of segment and pseudo-header. */
    int transportSum(byte[] template) {
        return fold(
                sum(template, TRANSPORT_OFFSET, TRANSPORT_BYTES)
                        + sum(template, 30, 4)
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
        int address = firstSource.v4() + (flow >>> PORT_BITS);
        int port = FIRST_PORT + (flow & ((1 << PORT_BITS) - 1));
        int addressSum = (address >>> 16) + (address & 0xffff);
        Memory.copyIn(template, 0, to, FRAME_BYTES);
        Memory.putU32(to + SOURCE_ADDRESS_OFFSET, address);
        Memory.putU16(to + SOURCE_PORT_OFFSET, port);
        Memory.putU16(to + IPV4_CHECKSUM_OFFSET, ~fold(ipv4Sum(template) + addressSum) & 0xffff);
        int opening = intruder ? TCP_SYN : tcpFlags;
        int flags = protocol == TCP ? opening : 0;
        if (protocol == TCP) {
            Memory.putU8(to + TCP_FLAGS_OFFSET + 1, flags);
        }
        Memory.putU16(
                to + transportChecksumOffset(),
                ~fold(transportSum(template) + addressSum + port + flags) & 0xffff);
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
