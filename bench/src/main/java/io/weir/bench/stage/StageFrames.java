package io.weir.bench.stage;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Ipv6Fragment;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.Udp;
import io.weir.dataplane.memory.Memory;

/**
 * Writes the frames that stages are measured with: to 10.1.0.100 or fd01::100 port 80, from a
 * client of a number.
 */
final class StageFrames {
    static final int CLIENT = 0x0b00_0000;
    static final int VIRTUAL = 0x0a01_0064;
    static final int CLIENT_PORT = 1024;
    static final int VIRTUAL_PORT = 80;
    static final long CLIENT_HIGH = 0xfd0b_0000_0000_0000L;
    static final long VIRTUAL_HIGH = 0xfd01_0000_0000_0000L;
    static final long VIRTUAL_LOW = 0x100;

    /** Bytes from one frame to the next: headers do not fall into the same sets of a cache. */
    static final int STRIDE = 2048 + 64;

    private static final int PAYLOAD_BYTES = 6;
    private static final int OPTIONS_BYTES = 8;
    private static final int NO_OPERATION = 1;

    private StageFrames() {}

    /**
     * Writes an IPv4 frame.
     *
     * @param protocol TCP or UDP
     * @param options whether 8 bytes of IP options come along
     * @param fragment whether it is the first fragment of a datagram
     * @return its length
     */
    static int ipv4(long frame, int client, int protocol, boolean options, boolean fragment) {
        long ip = frame + Ethernet.HEADER_BYTES;
        int header = Ipv4.MIN_HEADER_BYTES + (options ? OPTIONS_BYTES : 0);
        int transportBytes = transportBytes(protocol);
        ethernet(frame, Ethernet.TYPE_IPV4);
        Ipv4.setVersion(ip, 4);
        Ipv4.setHeaderBytes(ip, header);
        Ipv4.setTotalLength(ip, header + transportBytes);
        Ipv4.setFlagsAndOffset(ip, fragment ? Ipv4.MORE_FRAGMENTS : Ipv4.DONT_FRAGMENT);
        Ipv4.setTimeToLive(ip, 64);
        Ipv4.setProtocol(ip, protocol);
        Ipv4.setSource(ip, CLIENT + client);
        Ipv4.setDestination(ip, VIRTUAL);
        if (options) {
            Memory.fill(ip + Ipv4.MIN_HEADER_BYTES, OPTIONS_BYTES, (byte) NO_OPERATION);
        }
        Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
        long transport = ip + header;
        transport(transport, protocol, transportBytes);
        putChecksum(
                transport,
                protocol,
                InternetChecksum.transportV4(ip, transport, transportBytes, protocol));
        return Ethernet.HEADER_BYTES + header + transportBytes;
    }

    /**
     * Writes an IPv6 frame.
     *
     * @param fragment whether there is a fragment header of a whole datagram (RFC 6946)
     * @return its length
     */
    static int ipv6(long frame, int client, int protocol, boolean fragment) {
        long ip = frame + Ethernet.HEADER_BYTES;
        int transportBytes = transportBytes(protocol);
        int extension = fragment ? Ipv6Fragment.HEADER_BYTES : 0;
        ethernet(frame, Ethernet.TYPE_IPV6);
        Ipv6.setVersion(ip, 6);
        Ipv6.setPayloadLength(ip, extension + transportBytes);
        Ipv6.setNextHeader(ip, fragment ? Ipv6Fragment.PROTOCOL : protocol);
        Ipv6.setHopLimit(ip, 64);
        Ipv6.setSource(ip, CLIENT_HIGH, client + 1L);
        Ipv6.setDestination(ip, VIRTUAL_HIGH, VIRTUAL_LOW);
        if (fragment) {
            Memory.putU64(ip + Ipv6.HEADER_BYTES, (long) protocol << 56);
        }
        long transport = ip + Ipv6.HEADER_BYTES + extension;
        transport(transport, protocol, transportBytes);
        putChecksum(
                transport,
                protocol,
                InternetChecksum.transportV6(ip, transport, transportBytes, protocol));
        return Ethernet.HEADER_BYTES + Ipv6.HEADER_BYTES + extension + transportBytes;
    }

    private static void ethernet(long frame, int type) {
        Ethernet.setDestination(frame, 0x0200_0000_0001L);
        Ethernet.setSource(frame, 0x0200_0000_01feL);
        Ethernet.setType(frame, type);
    }

    private static int transportBytes(int protocol) {
        boolean tcp = protocol == Ipv4.PROTOCOL_TCP;
        return PAYLOAD_BYTES + (tcp ? Tcp.MIN_HEADER_BYTES : Udp.HEADER_BYTES);
    }

    private static void transport(long transport, int protocol, int bytes) {
        Udp.setSourcePort(transport, CLIENT_PORT);
        Udp.setDestinationPort(transport, VIRTUAL_PORT);
        if (protocol == Ipv4.PROTOCOL_TCP) {
            Tcp.setHeaderBytes(transport, Tcp.MIN_HEADER_BYTES);
            Tcp.setFlags(transport, Tcp.ACK);
            Tcp.setWindow(transport, 1000);
        } else {
            Udp.setLength(transport, bytes);
        }
    }

    private static void putChecksum(long transport, int protocol, int checksum) {
        if (protocol == Ipv4.PROTOCOL_TCP) {
            Tcp.setChecksum(transport, checksum);
        } else {
            Udp.setChecksum(transport, checksum);
        }
    }
}
