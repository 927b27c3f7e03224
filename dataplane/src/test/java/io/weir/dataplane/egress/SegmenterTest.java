package io.weir.dataplane.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Tcp;
import io.weir.dataplane.header.VnetHeader;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.TcpPacket;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class SegmenterTest {
    private static final int FRAME_OFFSET = 16;
    private static final int CWR = 0x80;
    private static final int ECE = 0x40;
    private static final int[] FLAGS = {
        Tcp.ACK, Tcp.ACK | Tcp.PSH, Tcp.ACK | Tcp.FIN | Tcp.PSH, Tcp.ACK | CWR, Tcp.ACK | ECE | CWR
    };

    private final NativeBlock block = new NativeBlock(FRAME_OFFSET + 14 + 65535L);
    private final PacketBurst received = new PacketBurst();
    private final PacketBurst segments = new PacketBurst();
    private final Segmenter segmenter = new Segmenter();
    private final Seed seed = Seed.ofThisRun();
    private final Random random = seed.random();

    @AfterEach
    void free() {
        segmenter.close();
        block.close();
    }

    /** One large packet and how it is to be cut. */
    private final class Original {
        final boolean ipv6 = random.nextBoolean();
        final boolean tcp = random.nextInt(4) > 0;
        final byte[] payload = new byte[random.nextInt(60_000)];
        final int size = 1 + random.nextInt(random.nextBoolean() ? 3_000 : 30_000);
        final int flags = FLAGS[random.nextInt(FLAGS.length)];
        final byte[] options = new byte[4 * random.nextInt(4)];
        final long sequence = random.nextInt() & 0xffff_ffffL;
        final int id = random.nextInt(1 << 16);
        final int tos = random.nextInt(256);
        final boolean dontFragment = random.nextBoolean();

        Original() {
            random.nextBytes(payload);
            Arrays.fill(options, (byte) 1);
        }

        /** The frame of a part of it, made as if nothing had been large before. */
        FrameBuilder part(int from, int to, int index) {
            FrameBuilder frame = tcp ? Frames.tcp() : Frames.udp();
            frame.from(ipv6 ? "fd01::11" : "10.1.0.11", 4000)
                    .to(ipv6 ? "fd01::100" : "10.1.0.1", 80);
            frame.payload(Arrays.copyOfRange(payload, from, to)).tos(tos).id((id + index) & 0xffff);
            if (dontFragment) {
                frame.dontFragment();
            }
            if (tcp) {
                boolean last = to == payload.length;
                int shown = last ? flags : flags & ~(Tcp.FIN | Tcp.PSH);
                shown = from == 0 ? shown : shown & ~CWR;
                frame.flags(shown).seq((sequence + from) & 0xffff_ffffL).tcpOptions(options);
            }
            return frame;
        }

        List<byte[]> slowly() {
            List<byte[]> parts = new ArrayList<>();
            int from = 0;
            do {
                int to = Math.min(payload.length, from + size);
                parts.add(part(from, to, parts.size()).bytes());
                from = to;
            } while (from < payload.length);
            return parts;
        }

        Packet whole() {
            int type =
                    tcp
                            ? ipv6 ? VnetHeader.GSO_TCPV6 : VnetHeader.GSO_TCPV4
                            : VnetHeader.GSO_UDP_L4;
            boolean marked = tcp && (flags & CWR) != 0;
            return received(
                    part(0, payload.length, 0).partialChecksum().bytes(),
                    marked ? type | VnetHeader.GSO_ECN : type,
                    size);
        }
    }

    private Packet received(byte[] frame, int gsoType, int gsoSize) {
        VnetHeader.clear(block.address());
        VnetHeader.setFlags(block.address(), VnetHeader.NEEDS_CHECKSUM);
        VnetHeader.setGsoType(block.address(), gsoType);
        VnetHeader.setGsoSize(block.address(), gsoSize);
        long at = block.address() + FRAME_OFFSET;
        Memory.copyIn(frame, 0, at, frame.length);
        received.clear();
        received.add(at, frame.length, block.address());
        Packet packet = received.get(0);
        long ip = at + Ethernet.HEADER_BYTES;
        int bytes = frame.length - Ethernet.HEADER_BYTES;
        if (Ipv4.version(ip) == 4) {
            packet.setIp(ip, Ipv4.headerBytes(ip), bytes);
            packet.setAddresses(Ipv4.protocol(ip), Ipv4.source(ip), Ipv4.destination(ip));
        } else {
            packet.setIp(ip, Ipv6.HEADER_BYTES, bytes);
            packet.endpoints()
                    .setV6(
                            Ipv6.nextHeader(ip),
                            Ipv6.sourceHigh(ip),
                            Ipv6.sourceLow(ip),
                            Ipv6.destinationHigh(ip),
                            Ipv6.destinationLow(ip));
        }
        packet.setPorts(4000, 80);
        return packet;
    }

    private List<byte[]> cut(Packet whole) {
        List<byte[]> frames = new ArrayList<>();
        int payload = Segmenter.payloadBytes(whole);
        int at = 0;
        do {
            segments.clear();
            int next = segmenter.cut(whole, at, segments);
            assertThat(next).as(seed.toString()).isGreaterThanOrEqualTo(Math.min(payload, at + 1));
            at = next;
            for (int i = 0; i < segments.size(); i++) {
                Packet segment = segments.get(i);
                frames.add(Memory.bytes(segment.frame(), segment.frameBytes()));
            }
        } while (at < payload);
        return frames;
    }

    @Test
    void cutsAsIfThePartsHadBeenSentOneByOne() {
        for (int round = 0; round < 300; round++) {
            Original original = new Original();
            Packet whole = original.whole();
            assertThat(Segmenter.isSuperFrame(whole)).isTrue();
            assertThat(Segmenter.canCut(whole)).isTrue();
            List<byte[]> expected = original.slowly();
            List<byte[]> cut = cut(whole);
            assertThat(cut).as(seed.toString()).hasSameSizeAs(expected);
            for (int i = 0; i < cut.size(); i++) {
                assertThat(FrameWords.frame(cut.get(i)))
                        .as(seed + " segment " + i)
                        .isEqualTo(FrameWords.frame(expected.get(i)));
                assertThat(cut.get(i)).as(seed + " segment " + i).isEqualTo(expected.get(i));
            }
            assertThat(Segmenter.longestPacket(whole))
                    .as(seed.toString())
                    .isEqualTo(
                            cut.stream().mapToInt(frame -> frame.length - 14).max().orElseThrow());
        }
    }

    @Test
    void saysOfTheSegmentsWhatWasSaidOfTheSuperFrame() {
        Packet whole = received(tcp(3000), VnetHeader.GSO_TCPV4, 1000);
        whole.setMark(7);
        whole.setTcpFlags(Tcp.ACK | Tcp.PSH);
        whole.bind(5, true);
        whole.setNextHop(0x0a020003);
        whole.setFragmentMtu(900);
        segmenter.cut(whole, 0, segments);
        assertThat(segments.size()).isEqualTo(3);
        Packet first = segments.get(0);
        assertThat(first.mark()).isEqualTo(7);
        assertThat(first.connection()).isEqualTo(5);
        assertThat(first.reply()).isTrue();
        assertThat(first.verdict()).isEqualTo(whole.verdict());
        assertThat(first.nextHop().address()).isEqualTo(0x0a020003);
        assertThat(first.fragmentMtu()).isEqualTo(900);
        assertThat(first.ipBytes()).isEqualTo(1040);
        assertThat(first.vnetHeader()).isZero();
        assertThat(first.sourcePort()).isEqualTo(4000);
        assertThat(first.tcpFlags()).isEqualTo(Tcp.ACK);
        assertThat(segments.get(2).tcpFlags()).isEqualTo(Tcp.ACK | Tcp.PSH);
        assertThat(first.cut()).isFalse();
    }

    private static byte[] tcp(int payload) {
        FrameBuilder tcp = Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.1", 80);
        return tcp.flags(Tcp.ACK | Tcp.PSH).payload(new byte[payload]).partialChecksum().bytes();
    }

    @Test
    void knowsWhatItCannotCut() {
        assertThat(Segmenter.canCut(received(tcp(3000), VnetHeader.GSO_TCPV4, 0))).isFalse();
        assertThat(Segmenter.canCut(received(tcp(3000), VnetHeader.GSO_UDP_L4, 1000))).isFalse();
        int ipFragments = 3; // VIRTIO_NET_HDR_GSO_UDP
        assertThat(Segmenter.canCut(received(tcp(3000), ipFragments, 1000))).isFalse();
        Packet fragment = received(tcp(3000), VnetHeader.GSO_TCPV4, 1000);
        fragment.setFragment();
        assertThat(Segmenter.canCut(fragment)).isFalse();
        byte[] lies = tcp(8);
        lies[14 + 20 + 12] = (byte) 0xf0;
        assertThat(Segmenter.canCut(received(lies, VnetHeader.GSO_TCPV4, 1000))).isFalse();
        byte[] headerless = tcp(3000);
        headerless[14 + 20 + 12] = 0x40;
        assertThat(Segmenter.canCut(received(headerless, VnetHeader.GSO_TCPV4, 1000))).isFalse();
    }

    @Test
    void makesSegmentsThatAnotherDecoderReads() throws IllegalRawDataException {
        Packet whole = received(tcp(3000), VnetHeader.GSO_TCPV4, 1448);
        for (byte[] frame : cut(whole)) {
            IpV4Packet ip = EthernetPacket.newPacket(frame, 0, frame.length).get(IpV4Packet.class);
            assertThat(ip.getHeader().hasValidChecksum(false)).isTrue();
            TcpPacket tcp = ip.get(TcpPacket.class);
            IpV4Packet.IpV4Header header = ip.getHeader();
            assertThat(tcp.hasValidChecksum(header.getSrcAddr(), header.getDstAddr(), false))
                    .isTrue();
        }
    }
}
