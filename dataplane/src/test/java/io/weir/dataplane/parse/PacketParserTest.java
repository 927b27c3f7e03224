package io.weir.dataplane.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.SlowChecksum;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Map;

class PacketParserTest {
    private final NativeBlock block = new NativeBlock(4096);
    private final DropCounters drops = new DropCounters();
    private final PacketParser parser = new PacketParser(drops);
    private final PacketBurst burst = new PacketBurst();

    @AfterEach
    void close() {
        block.close();
    }

    /** Parses a frame; the packet tells the rest. */
    private Packet parse(byte[] frame) {
        Memory.copyIn(frame, 0, block.address(), frame.length);
        burst.clear();
        burst.add(block.address(), frame.length, 0);
        Packet packet = burst.get(0);
        if (parser.ethertype(packet) == 0x0800) {
            parser.ipv4(packet);
        }
        return packet;
    }

    private void dropped(byte[] frame, @Nullable DropReason reason) {
        Map<DropReason, Long> before = drops.snapshot();
        Packet packet = parse(frame);
        if (reason == null) {
            assertThat(packet.verdict()).isEqualTo(Verdict.UNDECIDED);
            assertThat(drops.snapshot()).isEqualTo(before);
        } else {
            assertThat(packet.verdict()).isEqualTo(Verdict.DROP);
            assertThat(drops.get(reason)).isEqualTo(before.getOrDefault(reason, 0L) + 1);
        }
    }

    private static FrameBuilder tcp() {
        return Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.100", 80).syn();
    }

    /** Changes a byte and puts the header checksum right again. */
    private static byte[] with(byte[] frame, int at, int value) {
        byte[] changed = frame.clone();
        changed[at] = (byte) value;
        changed[24] = 0;
        changed[25] = 0;
        int headerBytes = Math.max(20, (changed[14] & 15) * 4);
        int end = Math.min(changed.length, 14 + headerBytes);
        int sum = SlowChecksum.checksum(Arrays.copyOfRange(changed, 14, end));
        changed[24] = (byte) (sum >> 8);
        changed[25] = (byte) sum;
        return changed;
    }

    @Test
    void findsWhatIsThere() {
        Packet packet = parse(tcp().payload("abc").ack(1).bytes());
        assertThat(packet.ip()).isEqualTo(block.address() + 14);
        assertThat(packet.ipHeaderBytes()).isEqualTo(20);
        assertThat(packet.ipBytes()).isEqualTo(43);
        assertThat(packet.protocol()).isEqualTo(6);
        assertThat(packet.source()).isEqualTo(0x0a01000b);
        assertThat(packet.destination()).isEqualTo(0x0a010064);
        assertThat(packet.portsPresent()).isTrue();
        assertThat(packet.sourcePort()).isEqualTo(4000);
        assertThat(packet.destinationPort()).isEqualTo(80);
        assertThat(packet.tcpFlags()).isEqualTo(0x12);
        assertThat(packet.fragment()).isFalse();
    }

    @Test
    void findsTransportBehindOptions() {
        byte[] routerAlert = {(byte) 148, 4, 0, 0};
        Packet packet = parse(Frames.udp().to("10.0.0.1", 53).ipOptions(routerAlert).bytes());
        assertThat(packet.transport()).isEqualTo(block.address() + 14 + 24);
        assertThat(packet.destinationPort()).isEqualTo(53);
    }

    @Test
    void cutsPaddingOff() {
        Packet packet = parse(Arrays.copyOf(Frames.udp().bytes(), 60));
        assertThat(packet.frameBytes()).isEqualTo(14 + 28);
        assertThat(packet.transportBytes()).isEqualTo(8);
    }

    @Test
    void everyTruncationIsDropped() {
        byte[] frame = tcp().bytes();
        for (int length = 0; length < frame.length; length++) {
            DropReason reason =
                    length < 34 ? DropReason.FRAME_TOO_SHORT : DropReason.IP_HEADER_INVALID;
            dropped(Arrays.copyOf(frame, length), reason);
        }
        dropped(frame, null);
    }

    @Test
    void lyingLengthsAreDropped() {
        byte[] frame = tcp().bytes();
        for (int header = 0; header < 5; header++) {
            dropped(with(frame, 14, 0x40 | header), DropReason.IP_HEADER_INVALID);
        }
        dropped(with(frame, 14, 0x4f), DropReason.IP_HEADER_INVALID);
        dropped(with(frame, 14, 0x55), DropReason.IP_HEADER_INVALID);
        dropped(with(frame, 17, 19), DropReason.IP_HEADER_INVALID);
        dropped(with(frame, 17, 41), DropReason.IP_HEADER_INVALID);
        dropped(with(frame, 16, 255), DropReason.IP_HEADER_INVALID);
    }

    @Test
    void aWrongHeaderChecksumIsDropped() {
        byte[] frame = tcp().bytes();
        for (int at = 16; at < 34; at++) {
            byte[] damaged = frame.clone();
            damaged[at] ^= 0x10;
            Packet packet = parse(damaged);
            assertThat(packet.verdict()).as("byte %d", at).isEqualTo(Verdict.DROP);
        }
    }

    @Test
    void addressesOfNobodyAreDropped() {
        for (String nobody :
                new String[] {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
            dropped(tcp().from(nobody).bytes(), DropReason.SOURCE_INVALID);
            dropped(tcp().to(nobody).bytes(), DropReason.DESTINATION_INVALID);
        }
        dropped(tcp().from("223.255.255.255").to("1.0.0.1").bytes(), null);
    }

    @Test
    void fragmentsHaveNoPorts() {
        for (byte[] fragment : tcp().payload(new byte[64]).fragments(24)) {
            Packet packet = parse(fragment);
            assertThat(packet.verdict()).isEqualTo(Verdict.UNDECIDED);
            assertThat(packet.fragment()).isTrue();
            assertThat(packet.portsPresent()).isFalse();
        }
    }

    @Test
    void shortTransportHeadersAreDroppedUnlessTheyHavePorts() {
        int[][] protocols = {{6, 20}, {17, 8}, {1, 8}, {132, 12}};
        for (int[] protocol : protocols) {
            for (int bytes = 0; bytes < protocol[1]; bytes++) {
                boolean ports = bytes >= 4 && (protocol[0] == 6 || protocol[0] == 17);
                byte[] frame = ip(protocol[0], bytes);
                dropped(frame, ports ? null : DropReason.TRANSPORT_TRUNCATED);
                assertThat(parse(frame).truncated()).isEqualTo(ports);
                assertThat(parse(frame).portsPresent()).isFalse();
            }
            dropped(ip(protocol[0], protocol[1]), null);
        }
        dropped(Frames.ip(99).bytes(), null);
    }

    private static byte[] ip(int protocol, int payloadBytes) {
        byte[] frame = Frames.ip(99).payload(new byte[payloadBytes]).bytes();
        return with(frame, 23, protocol);
    }

    @Test
    void aReusedPacketForgetsTheOneBefore() {
        parse(tcp().bytes());
        Packet packet = parse(Frames.ip(99).bytes());
        assertThat(packet.portsPresent()).isFalse();
        assertThat(packet.tcpFlags()).isZero();
        parse(tcp().payload(new byte[64]).fragments(24).getFirst());
        assertThat(parse(tcp().bytes()).fragment()).isFalse();
    }
}
