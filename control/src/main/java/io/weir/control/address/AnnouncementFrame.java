package io.weir.control.address;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Arp;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.NeighbourMessage;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;

/** Writes the frame by which all neighbours learn who has an address. */
final class AnnouncementFrame implements AutoCloseable {
    static final int ARP_FRAME_BYTES = 60;
    static final int ADVERTISEMENT_FRAME_BYTES =
            Ethernet.HEADER_BYTES + Ipv6.HEADER_BYTES + NeighbourMessage.BYTES;

    private static final int ICMPV6 = 58;
    private static final int HOP_LIMIT = 255;
    private static final int ROUTER = 1 << 31;

    // ff02::1, all nodes of the link, and the Ethernet address it has (RFC 2464 section 7).
    private static final long ALL_NODES_HIGH = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_LOW = 1;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;

    private final NativeBlock block = new NativeBlock(128);

    /** Where the frame is. */
    long address() {
        return block.address();
    }

    /**
     * Writes the announcement of an address at an interface.
     *
     * @param router the host forwards IPv6 packets of this interface
     * @return the frame's length
     */
    int write(IpAddress announced, long mac, boolean router) {
        Memory.fill(block.address(), block.bytes(), (byte) 0);
        if (!announced.ipv6()) {
            writeArp(announced.v4(), mac);
            return ARP_FRAME_BYTES;
        }
        writeAdvertisement(announced, mac, router);
        return ADVERTISEMENT_FRAME_BYTES;
    }

    // As send_arp has it: a broadcast request of the address for itself, the smallest frame's
    // length. RFC 5227 section 3 explains why a request and not a reply.
    private void writeArp(int announced, long mac) {
        long frame = block.address();
        Ethernet.setDestination(frame, Ethernet.BROADCAST);
        Ethernet.setSource(frame, mac);
        Ethernet.setType(frame, Ethernet.TYPE_ARP);
        long arp = frame + Ethernet.HEADER_BYTES;
        Arp.setEthernetIpv4(arp);
        Arp.setOperation(arp, Arp.REQUEST);
        Arp.setSenderMac(arp, mac);
        Arp.setSenderAddress(arp, announced);
        Arp.setTargetMac(arp, mac);
        Arp.setTargetAddress(arp, announced);
    }

    // RFC 4861 section 7.2.6: unsolicited, to all nodes, and to override what they have cached.
    private void writeAdvertisement(IpAddress announced, long mac, boolean router) {
        long frame = block.address();
        Ethernet.setDestination(frame, ALL_NODES_MAC);
        Ethernet.setSource(frame, mac);
        Ethernet.setType(frame, Ethernet.TYPE_IPV6);
        long ip = frame + Ethernet.HEADER_BYTES;
        Ipv6.setVersion(ip, 6);
        Ipv6.setPayloadLength(ip, NeighbourMessage.BYTES);
        Ipv6.setNextHeader(ip, ICMPV6);
        Ipv6.setHopLimit(ip, HOP_LIMIT);
        Ipv6.setSource(ip, announced.high(), announced.low());
        Ipv6.setDestination(ip, ALL_NODES_HIGH, ALL_NODES_LOW);
        long icmp = ip + Ipv6.HEADER_BYTES;
        Icmp.setType(icmp, NeighbourMessage.ADVERTISEMENT);
        Icmp.setRest(icmp, NeighbourMessage.OVERRIDE | (router ? ROUTER : 0));
        NeighbourMessage.setTarget(icmp, announced.high(), announced.low());
        NeighbourMessage.setLinkAddress(icmp, NeighbourMessage.TARGET_LINK_ADDRESS, mac);
        long pseudo =
                InternetChecksum.sum(ip + Ipv6.ADDRESSES_OFFSET, Ipv6.ADDRESSES_BYTES)
                        + NeighbourMessage.BYTES
                        + ICMPV6;
        long sum = InternetChecksum.add(InternetChecksum.sum(icmp, NeighbourMessage.BYTES), pseudo);
        Icmp.setChecksum(icmp, InternetChecksum.complement(sum));
    }

    @Override
    public void close() {
        block.close();
    }
}
