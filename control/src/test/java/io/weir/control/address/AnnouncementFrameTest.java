package io.weir.control.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;
import org.pcap4j.packet.ArpPacket;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IcmpV6NeighborAdvertisementPacket;
import org.pcap4j.packet.IpV6NeighborDiscoveryTargetLinkLayerAddressOption;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.namednumber.ArpOperation;
import org.pcap4j.packet.namednumber.EtherType;

import java.net.Inet6Address;
import java.net.InetAddress;

/** The frames as another program reads them. */
class AnnouncementFrameTest {
    private static final long MAC = 0x0200_0000_00ffL;
    private static final String MAC_TEXT = "02:00:00:00:00:ff";
    private static final IpAddress V4 = IpAddress.parse("192.168.26.10");
    private static final IpAddress V6 = IpAddress.parse("2001:db8::10");

    private static byte[] frame(IpAddress address, boolean router) {
        try (AnnouncementFrame frame = new AnnouncementFrame()) {
            frame.write(V6, 0xffff_ffff_ffffL, true); // of which nothing must be left
            int bytes = frame.write(address, MAC, router);
            return Memory.bytes(frame.address(), bytes);
        }
    }

    @Test
    void arpIsABroadcastRequestOfTheAddressForItself() throws Exception {
        byte[] bytes = frame(V4, false);
        assertThat(bytes).hasSize(60);
        EthernetPacket ethernet = EthernetPacket.newPacket(bytes, 0, bytes.length);
        assertThat(ethernet.getHeader().getDstAddr()).hasToString("ff:ff:ff:ff:ff:ff");
        assertThat(ethernet.getHeader().getSrcAddr()).hasToString(MAC_TEXT);
        assertThat(ethernet.getHeader().getType()).isEqualTo(EtherType.ARP);
        ArpPacket.ArpHeader arp = ethernet.get(ArpPacket.class).getHeader();
        assertThat(arp.getOperation()).isEqualTo(ArpOperation.REQUEST);
        assertThat(arp.getSrcHardwareAddr()).hasToString(MAC_TEXT);
        assertThat(arp.getDstHardwareAddr()).hasToString(MAC_TEXT);
        assertThat(arp.getSrcProtocolAddr()).isEqualTo(InetAddress.getByName("192.168.26.10"));
        assertThat(arp.getDstProtocolAddr()).isEqualTo(InetAddress.getByName("192.168.26.10"));
        for (int i = 42; i < 60; i++) {
            assertThat(bytes[i]).as("padding").isZero();
        }
    }

    @Test
    void advertisementOverridesWhatAllNodesHaveCached() throws Exception {
        byte[] bytes = frame(V6, true);
        EthernetPacket ethernet = EthernetPacket.newPacket(bytes, 0, bytes.length);
        assertThat(ethernet.getHeader().getDstAddr()).hasToString("33:33:00:00:00:01");
        IpV6Packet.IpV6Header ip = ethernet.get(IpV6Packet.class).getHeader();
        assertThat(ip.getHopLimit()).isEqualTo((byte) 255);
        assertThat(ip.getSrcAddr()).isEqualTo(InetAddress.getByName("2001:db8::10"));
        assertThat(ip.getDstAddr()).isEqualTo(InetAddress.getByName("ff02::1"));
        IcmpV6CommonPacket icmp = ethernet.get(IcmpV6CommonPacket.class);
        assertThat(
                        icmp.hasValidChecksum(
                                ip.getSrcAddr(),
                                (Inet6Address) InetAddress.getByName("ff02::1"),
                                false))
                .isTrue();
        IcmpV6NeighborAdvertisementPacket.IcmpV6NeighborAdvertisementHeader neighbour =
                ethernet.get(IcmpV6NeighborAdvertisementPacket.class).getHeader();
        assertThat(neighbour.getOverrideFlag()).isTrue();
        assertThat(neighbour.getRouterFlag()).isTrue();
        assertThat(neighbour.getSolicitedFlag()).isFalse();
        assertThat(neighbour.getTargetAddress()).isEqualTo(InetAddress.getByName("2001:db8::10"));
        assertThat(neighbour.getOptions()).hasSize(1);
        IpV6NeighborDiscoveryTargetLinkLayerAddressOption option =
                (IpV6NeighborDiscoveryTargetLinkLayerAddressOption)
                        neighbour.getOptions().getFirst();
        assertThat(option.getLinkLayerAddress()).containsExactly(2, 0, 0, 0, 0, (byte) 0xff);
    }

    @Test
    void hostThatDoesNotForwardIsNoRouter() throws Exception {
        byte[] bytes = frame(V6, false);
        EthernetPacket ethernet = EthernetPacket.newPacket(bytes, 0, bytes.length);
        assertThat(
                        ethernet.get(IcmpV6NeighborAdvertisementPacket.class)
                                .getHeader()
                                .getRouterFlag())
                .isFalse();
    }
}
