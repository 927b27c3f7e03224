package io.weir.dataplane.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.ArpPacket;
import org.pcap4j.packet.ArpPacket.ArpHeader;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.EthernetPacket.EthernetHeader;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV4CommonPacket.IcmpV4CommonHeader;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV4Packet.IpV4Header;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.IpV6Packet.IpV6Header;
import org.pcap4j.packet.SctpPacket;
import org.pcap4j.packet.SctpPacket.SctpHeader;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.TcpPacket.TcpHeader;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.UdpPacket.UdpHeader;
import org.pcap4j.util.MacAddress;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;

/** Each getter against Pcap4J, a decoder that others wrote, on random headers. */
class HeaderPcap4jTest {
    private static final int ROUNDS = 300;
    private static final int BYTES = 64;

    private final NativeBlock block = new NativeBlock(BYTES);
    private final long at = block.address();
    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();

    @AfterEach
    void free() {
        block.close();
    }

    /** Random bytes, here and in native memory, after somebody has made them a valid header. */
    private byte[] randomHeader(int first, int last) {
        byte[] header = new byte[BYTES];
        random.nextBytes(header);
        for (int i = first; i < last; i++) {
            header[i] = 0;
        }
        return header;
    }

    private void load(byte[] header) {
        Memory.copyIn(header, 0, at, header.length);
    }

    @Test
    void ethernet() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(0, 0);
            load(raw);
            Ethernet.setType(at, Ethernet.TYPE_IPV6 + 0x400);
            EthernetHeader header =
                    EthernetPacket.newPacket(Memory.bytes(at, BYTES), 0, BYTES).getHeader();
            assertThat(Ethernet.destination(at)).as("%s", seed).isEqualTo(mac(header.getDstAddr()));
            assertThat(Ethernet.source(at)).as("%s", seed).isEqualTo(mac(header.getSrcAddr()));
            assertThat(Ethernet.type(at)).isEqualTo(header.getType().value() & 0xffff);
        }
    }

    @Test
    void arp() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            load(randomHeader(0, 0));
            Arp.setEthernetIpv4(at);
            ArpHeader header = ArpPacket.newPacket(Memory.bytes(at, BYTES), 0, BYTES).getHeader();
            assertThat(Arp.isEthernetIpv4(at)).isTrue();
            assertThat(header.getHardwareType().value()).isEqualTo((short) 1);
            assertThat(header.getProtocolType().value()).isEqualTo((short) 0x0800);
            assertThat(header.getHardwareAddrLengthAsInt()).isEqualTo(6);
            assertThat(header.getProtocolAddrLengthAsInt()).isEqualTo(4);
            assertThat(Arp.operation(at))
                    .as("%s", seed)
                    .isEqualTo(header.getOperation().value() & 0xffff);
            assertThat(Arp.senderMac(at)).isEqualTo(mac(header.getSrcHardwareAddr()));
            assertThat(Arp.senderAddress(at)).isEqualTo(v4(header.getSrcProtocolAddr()));
            assertThat(Arp.targetMac(at)).isEqualTo(mac(header.getDstHardwareAddr()));
            assertThat(Arp.targetAddress(at)).isEqualTo(v4(header.getDstProtocolAddr()));
        }
    }

    @Test
    void arpOfOtherNetworksIsNotOurs() {
        for (int offset = 0; offset < 6; offset++) {
            load(randomHeader(0, 0));
            Arp.setEthernetIpv4(at);
            Memory.putU8(at + offset, Memory.u8(at + offset) ^ 1 << random.nextInt(8));
            assertThat(Arp.isEthernetIpv4(at)).as("byte %d, %s", offset, seed).isFalse();
        }
    }

    @Test
    void ipv4() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(20, BYTES);
            raw[0] = (byte) (0x45 + random.nextInt(11));
            // Pcap4J refuses a total length below the header's, so it is at least 256.
            raw[2] |= 1;
            load(raw);
            IpV4Header header = IpV4Packet.newPacket(raw, 0, BYTES).getHeader();
            assertThat(Ipv4.version(at)).isEqualTo(header.getVersion().value() & 0xff);
            assertThat(Ipv4.headerBytes(at)).isEqualTo(header.getIhlAsInt() * 4);
            assertThat(Ipv4.typeOfService(at)).isEqualTo(header.getTos().value() & 0xff);
            assertThat(Ipv4.totalLength(at)).as("%s", seed).isEqualTo(header.getTotalLengthAsInt());
            assertThat(Ipv4.identification(at)).isEqualTo(header.getIdentificationAsInt());
            assertThat(Ipv4.dontFragment(at)).isEqualTo(header.getDontFragmentFlag());
            assertThat(Ipv4.moreFragments(at)).isEqualTo(header.getMoreFragmentFlag());
            assertThat(Ipv4.fragmentOffset(at)).isEqualTo(header.getFragmentOffset() * 8);
            assertThat(Ipv4.isFragment(at))
                    .isEqualTo(header.getMoreFragmentFlag() || header.getFragmentOffset() != 0);
            assertThat(Ipv4.timeToLive(at)).isEqualTo(header.getTtlAsInt());
            assertThat(Ipv4.protocol(at)).isEqualTo(header.getProtocol().value() & 0xff);
            assertThat(Ipv4.checksum(at)).isEqualTo(header.getHeaderChecksum() & 0xffff);
            assertThat(Ipv4.source(at)).isEqualTo(v4(header.getSrcAddr()));
            assertThat(Ipv4.destination(at)).isEqualTo(v4(header.getDstAddr()));
        }
    }

    @Test
    void ipv6() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(40, BYTES);
            raw[0] = (byte) (0x60 | random.nextInt(16));
            load(raw);
            IpV6Header header = IpV6Packet.newPacket(raw, 0, BYTES).getHeader();
            assertThat(Ipv6.version(at)).isEqualTo(header.getVersion().value() & 0xff);
            assertThat(Ipv6.trafficClass(at)).isEqualTo(header.getTrafficClass().value() & 0xff);
            assertThat(Ipv6.flowLabel(at)).as("%s", seed).isEqualTo(header.getFlowLabel().value());
            assertThat(Ipv6.payloadLength(at)).isEqualTo(header.getPayloadLengthAsInt());
            assertThat(Ipv6.nextHeader(at)).isEqualTo(header.getNextHeader().value() & 0xff);
            assertThat(Ipv6.hopLimit(at)).isEqualTo(header.getHopLimitAsInt());
            ByteBuffer source = ByteBuffer.wrap(header.getSrcAddr().getAddress());
            assertThat(Ipv6.sourceHigh(at)).isEqualTo(source.getLong(0));
            assertThat(Ipv6.sourceLow(at)).isEqualTo(source.getLong(8));
            ByteBuffer destination = ByteBuffer.wrap(header.getDstAddr().getAddress());
            assertThat(Ipv6.destinationHigh(at)).isEqualTo(destination.getLong(0));
            assertThat(Ipv6.destinationLow(at)).isEqualTo(destination.getLong(8));
        }
    }

    @Test
    void tcp() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(20, BYTES);
            raw[12] = (byte) ((5 + random.nextInt(11)) << 4 | random.nextInt(16));
            load(raw);
            TcpHeader header = TcpPacket.newPacket(raw, 0, BYTES).getHeader();
            assertThat(Tcp.sourcePort(at)).isEqualTo(header.getSrcPort().valueAsInt());
            assertThat(Tcp.destinationPort(at)).isEqualTo(header.getDstPort().valueAsInt());
            assertThat(Tcp.sequence(at)).as("%s", seed).isEqualTo(header.getSequenceNumber());
            assertThat(Tcp.acknowledgement(at)).isEqualTo(header.getAcknowledgmentNumber());
            assertThat(Tcp.headerBytes(at)).isEqualTo(header.getDataOffsetAsInt() * 4);
            assertThat((Tcp.flags(at) & Tcp.URG) != 0).isEqualTo(header.getUrg());
            assertThat((Tcp.flags(at) & Tcp.ACK) != 0).isEqualTo(header.getAck());
            assertThat((Tcp.flags(at) & Tcp.PSH) != 0).isEqualTo(header.getPsh());
            assertThat((Tcp.flags(at) & Tcp.RST) != 0).isEqualTo(header.getRst());
            assertThat((Tcp.flags(at) & Tcp.SYN) != 0).isEqualTo(header.getSyn());
            assertThat((Tcp.flags(at) & Tcp.FIN) != 0).isEqualTo(header.getFin());
            assertThat(Tcp.window(at)).isEqualTo(header.getWindowAsInt());
            assertThat(Tcp.checksum(at)).isEqualTo(header.getChecksum() & 0xffff);
            assertThat(Tcp.urgentPointer(at)).isEqualTo(header.getUrgentPointerAsInt());
        }
    }

    @Test
    void sctp() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(0, 0);
            // A chunk with a length that Pcap4J can read.
            raw[14] = 0;
            raw[15] = (byte) (BYTES - 12);
            load(raw);
            SctpHeader header = SctpPacket.newPacket(raw, 0, BYTES).getHeader();
            assertThat(Sctp.sourcePort(at)).isEqualTo(header.getSrcPort().valueAsInt());
            assertThat(Sctp.destinationPort(at)).isEqualTo(header.getDstPort().valueAsInt());
            assertThat(Sctp.verificationTag(at)).isEqualTo(header.getVerificationTag());
            assertThat(Sctp.checksum(at)).as("%s", seed).isEqualTo(header.getChecksum());
        }
    }

    @Test
    void udp() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(4, 5);
            raw[5] = (byte) (8 + random.nextInt(50));
            load(raw);
            UdpHeader header = UdpPacket.newPacket(raw, 0, BYTES).getHeader();
            assertThat(Udp.sourcePort(at)).isEqualTo(header.getSrcPort().valueAsInt());
            assertThat(Udp.destinationPort(at)).isEqualTo(header.getDstPort().valueAsInt());
            assertThat(Udp.length(at)).as("%s", seed).isEqualTo(header.getLengthAsInt());
            assertThat(Udp.checksum(at)).isEqualTo(header.getChecksum() & 0xffff);
        }
    }

    @Test
    void icmp() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] raw = randomHeader(0, 0);
            raw[0] = (byte) (200 + random.nextInt(50));
            load(raw);
            IcmpV4CommonHeader header = IcmpV4CommonPacket.newPacket(raw, 0, BYTES).getHeader();
            assertThat(Icmp.type(at)).isEqualTo(header.getType().value() & 0xff);
            assertThat(Icmp.code(at)).isEqualTo(header.getCode().value() & 0xff);
            assertThat(Icmp.checksum(at)).as("%s", seed).isEqualTo(header.getChecksum() & 0xffff);
        }
    }

    /** The packets of the tests themselves: Pcap4J finds their lengths and checksums right. */
    @Test
    void packetsOfTheTestsAreWellFormed() throws IllegalRawDataException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] payload = new byte[random.nextInt(200)];
            random.nextBytes(payload);
            FrameBuilder tcp = Frames.tcp().seq(random.nextInt()).ack(7).payload(payload);
            IpV4Packet ip = IpV4Packet.newPacket(tcp.packet(), 0, tcp.packet().length);
            IpV4Header header = ip.getHeader();
            assertThat(header.hasValidChecksum(false)).as("%s", seed).isTrue();
            TcpPacket segment = (TcpPacket) ip.getPayload();
            assertThat(segment.hasValidChecksum(header.getSrcAddr(), header.getDstAddr(), false))
                    .as("%s", seed)
                    .isTrue();

            byte[] udp =
                    Frames.udp().from("fd00::1", 9).to("fd00::2", 53).payload(payload).packet();
            IpV6Packet ip6 = IpV6Packet.newPacket(udp, 0, udp.length);
            IpV6Header header6 = ip6.getHeader();
            UdpPacket datagram = (UdpPacket) ip6.getPayload();
            assertThat(datagram.hasValidChecksum(header6.getSrcAddr(), header6.getDstAddr(), false))
                    .as("%s", seed)
                    .isTrue();
        }
    }

    private static long mac(MacAddress address) {
        return HexFormat.fromHexDigitsToLong(HexFormat.of().formatHex(address.getAddress()));
    }

    private static int v4(InetAddress address) {
        return ByteBuffer.wrap(address.getAddress()).getInt();
    }
}
