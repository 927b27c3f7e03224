package io.weir.dataplane.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.fragment.SlowReassembly.Piece;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.parse.PacketParser;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

class ReassemblyTest {
    private static final int DATAGRAMS = 8;
    private static final String[] SOURCES = {"10.1.0.11", "10.1.0.12", "10.1.0.13", "10.1.0.14"};

    private final NativeBlock block = new NativeBlock(4096);
    private final DropCounters drops = new DropCounters();
    private final PacketParser parser = new PacketParser(drops);
    private final PacketBurst burst = new PacketBurst();
    private final List<String> told = new ArrayList<>();
    private final Reassembly reassembly =
            new Reassembly(DATAGRAMS, 7, drops, first -> told.add(words(first)));
    private long now = 1_000;

    @AfterEach
    void close() {
        reassembly.close();
        block.close();
    }

    private static String words(Packet packet) {
        return FrameWords.frame(Memory.bytes(packet.frame(), packet.frameBytes()));
    }

    /** Lets a fragment arrive; returns the frame of the datagram if it is whole. */
    private byte @Nullable [] add(byte[] frame) {
        Memory.copyIn(frame, 0, block.address(), frame.length);
        burst.clear();
        burst.add(block.address(), frame.length, 0);
        Packet packet = burst.get(0);
        boolean ipv6 = (frame[14] & 0xf0) == 0x60;
        parser.ethertype(packet);
        assertThat(ipv6 ? parser.ipv6(packet) : parser.ipv4(packet)).isTrue();
        assertThat(packet.fragment()).isTrue();
        boolean complete =
                ipv6
                        ? reassembly.addIpv6(packet, parser.extensions(), now)
                        : reassembly.add(packet, now);
        if (!complete) {
            assertThat(packet.verdict()).isIn(Verdict.HELD, Verdict.DROP);
            return null;
        }
        assertThat(packet.verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThat(packet.fragment()).isFalse();
        byte[] whole = Memory.bytes(packet.frame(), packet.frameBytes());
        reassembly.release();
        return whole;
    }

    private byte @Nullable [] addAll(List<byte[]> frames) {
        byte[] whole = null;
        for (byte[] frame : frames) {
            assertThat(whole).isNull();
            whole = add(frame);
        }
        return whole;
    }

    private static FrameBuilder udp(int id) {
        return Frames.udp().from("10.1.0.11", 4000).to("10.1.0.100", 53).id(id);
    }

    private static byte[] piece(int id, int offset, boolean more, int bytes) {
        return udp(id).fragment(offset, more, new byte[bytes]);
    }

    private void nothing(byte[] frame) {
        assertThat(add(frame)).isNull();
    }

    @Test
    void putsTogetherWhatComesInAnyOrder() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 200; round++) {
            byte[] payload = new byte[1 + random.nextInt(3000)];
            random.nextBytes(payload);
            FrameBuilder datagram = udp(round).payload(payload);
            List<byte[]> frames = datagram.fragments(8 * (3 + random.nextInt(100)));
            if (frames.size() == 1) {
                continue;
            }
            Collections.shuffle(frames, random);
            assertThat(addAll(frames))
                    .as("%s round %d", Seed.ofThisRun(), round)
                    .isEqualTo(datagram.bytes());
        }
        assertThat(drops.snapshot()).isEmpty();
    }

    @Test
    void agreesWithTheModelOnWhateverArrives() {
        Random random = Seed.ofThisRun().random();
        SlowReassembly model = new SlowReassembly(DATAGRAMS);
        int whole = 0;
        for (int step = 0; step < 20_000; step++) {
            String what = Seed.ofThisRun() + " step " + step;
            Piece piece = randomPiece(random);
            byte[] expected = model.add(piece, now);
            byte[] frame =
                    Frames.udp()
                            .from(piece.source(), 0)
                            .to("10.1.0.100", 0)
                            .id(piece.id())
                            .tos(piece.tos())
                            .fragment(piece.offset(), !piece.last(), piece.part());
            byte[] seen = add(frame);
            assertThat(seen == null ? null : Arrays.copyOfRange(seen, 34, seen.length))
                    .as(what)
                    .isEqualTo(expected);
            whole += seen == null ? 0 : 1;
            if (random.nextInt(50) == 0) {
                now += random.nextInt(random.nextInt(20) == 0 ? 40_000 : 1_000);
                model.expire(now);
                reassembly.expire(now, Integer.MAX_VALUE);
            }
            assertThat(drops.snapshot()).as(what).isEqualTo(model.drops);
            assertThat(told).as(what).hasSize(model.timedOutWithFirst);
        }
        assertThat(whole).as(Seed.ofThisRun().toString()).isGreaterThan(100);
        assertThat(drops.snapshot())
                .containsKeys(
                        DropReason.FRAGMENT_DUPLICATE,
                        DropReason.FRAGMENT_INVALID,
                        DropReason.FRAGMENT_OVERLAP,
                        DropReason.REASSEMBLY_FULL,
                        DropReason.REASSEMBLY_TIMEOUT);
    }

    // Of four sources' few datagrams with two to four parts of equal size; now and then something
    // that no sender would cut like this.
    private static Piece randomPiece(Random random) {
        String source = SOURCES[random.nextInt(SOURCES.length)];
        int id = random.nextInt(4);
        int each = 8 * (1 + id);
        int parts = 2 + id % 3;
        int length = each * parts - id;
        int number = random.nextInt(parts);
        int from = number * each;
        int to = Math.min(length, from + each);
        boolean last = number == parts - 1;
        int tos = 0;
        switch (random.nextInt(40)) {
            case 0 -> last = from > 0 && !last;
            case 1 -> to = Math.min(length, to + 8);
            case 2 -> from = Math.max(0, from - 8);
            case 3 -> to = from + 1;
            case 4 -> to = from;
            case 5 -> tos = 1 + random.nextInt(3);
            case 6 -> {
                from = 65_512;
                to = from + 8 * random.nextInt(2) + 3;
            }
            default -> {}
        }
        return new Piece(source, id, from, last && from > 0, Math.max(0, to - from), tos);
    }

    @Test
    void keepsHeaderAndOptionsOfTheFirst() {
        byte[] options = {1, 1, 1, 1, (byte) 148, 4, 0, 0};
        FrameBuilder datagram = udp(9).ipOptions(options).ttl(9).payload(new byte[100]);
        List<byte[]> frames = datagram.fragments(56);
        byte[] second = udp(9).ttl(200).payload(new byte[100]).fragments(56).get(1);
        assertThat(addAll(List.of(second, frames.get(0)))).isEqualTo(datagram.bytes());
    }

    @Test
    void forbidsCuttingIfTheLargestDid() {
        FrameBuilder datagram = udp(9).payload(new byte[100]);
        List<byte[]> cuttable = datagram.fragments(56);
        List<byte[]> uncut = udp(9).dontFragment().payload(new byte[100]).fragments(56);
        assertThat(flags(addAll(List.of(uncut.get(0), cuttable.get(1))))).isEqualTo(0x4000);
        assertThat(flags(addAll(List.of(cuttable.get(0), uncut.get(1))))).isZero();
        assertThat(flags(addAll(List.of(uncut.get(0), uncut.get(1))))).isEqualTo(0x4000);
    }

    private static int flags(byte @Nullable [] frame) {
        assertThat(frame).isNotNull();
        return (frame[20] & 0xff) << 8 | (frame[21] & 0xff);
    }

    @Test
    void congestionOfOneIsCongestionOfAll() {
        assertThat(tos(0x2, 0x3)).isEqualTo(0x3);
        assertThat(tos(0xb9, 0xbb)).isEqualTo(0xbb);
        assertThat(tos(0x1, 0x2)).isEqualTo(0x1);
        assertThat(tos(0xb8, 0x10)).isEqualTo(0xb8);
        assertThat(tos(0x0, 0x3)).isEqualTo(-1);
        assertThat(tos(0x2, 0x0)).isEqualTo(-1);
        assertThat(drops.get(DropReason.FRAGMENT_INVALID)).isEqualTo(4);
    }

    private int tos(int first, int second) {
        nothing(udp(1).tos(first).fragment(0, true, new byte[16]));
        byte[] whole = add(udp(1).tos(second).fragment(16, false, new byte[16]));
        return whole == null ? -1 : whole[15] & 0xff;
    }

    @Test
    void tellsTheSizeOfTheLargest() {
        List<byte[]> frames = udp(3).payload(new byte[100]).fragments(56);
        nothing(frames.get(1));
        Memory.copyIn(frames.get(0), 0, block.address(), frames.get(0).length);
        burst.clear();
        burst.add(block.address(), frames.get(0).length, 0);
        Packet packet = burst.get(0);
        parser.ethertype(packet);
        parser.ipv4(packet);
        assertThat(reassembly.add(packet, now)).isTrue();
        assertThat(packet.largestFragment()).isEqualTo(76);
        assertThat(packet.frame()).isNotEqualTo(block.address());
    }

    @Test
    void tellsWhoseTimeIsOver() {
        nothing(piece(1, 0, true, 16));
        now += 10_000;
        nothing(piece(2, 8, true, 16));
        nothing(piece(2, 32, true, 16));
        now += 19_999;
        assertThat(reassembly.expire(now, 10)).isZero();
        now++;
        assertThat(reassembly.expire(now, 10)).isEqualTo(1);
        assertThat(told).singleElement().asString().contains("id 1 fragment 0+");
        assertThat(drops.get(DropReason.REASSEMBLY_TIMEOUT)).isEqualTo(1);
        now += 10_000;
        assertThat(reassembly.expire(now, 10)).isEqualTo(1);
        assertThat(told).hasSize(1);
        assertThat(drops.get(DropReason.REASSEMBLY_TIMEOUT)).isEqualTo(3);
    }

    @Test
    void expiresNoMoreAtOnceThanItIsAllowed() {
        for (int i = 0; i < 2; i++) {
            for (String source : SOURCES) {
                nothing(udp(i).from(source).fragment(0, true, new byte[8]));
            }
        }
        now += 30_000;
        assertThat(reassembly.expire(now, 5)).isEqualTo(5);
        assertThat(reassembly.expire(now, 5)).isEqualTo(3);
    }

    @Test
    void aSourceTakesAQuarterAtMost() {
        nothing(udp(1).from(SOURCES[1]).fragment(0, true, new byte[8]));
        for (int i = 0; i < 100; i++) {
            nothing(piece(i, 0, true, 8));
        }
        assertThat(drops.get(DropReason.REASSEMBLY_FULL)).isEqualTo(98);
        assertThat(add(udp(1).from(SOURCES[1]).fragment(8, false, new byte[8]))).isNotNull();
        assertThat(add(piece(98, 8, false, 8))).isNotNull();
        assertThat(add(piece(99, 8, false, 8))).isNotNull();
    }

    @Test
    void theOldestMakesRoom() {
        for (int i = 0; i < 20; i++) {
            nothing(udp(i).from("10.9.0." + i).fragment(0, true, new byte[8]));
        }
        assertThat(drops.get(DropReason.REASSEMBLY_FULL)).isEqualTo(12);
        assertThat(add(udp(12).from("10.9.0.12").fragment(8, false, new byte[8]))).isNotNull();
        nothing(udp(11).from("10.9.0.11").fragment(8, false, new byte[8]));
    }

    @Test
    void wholeDatagramsKeepTheirMemoryUntilTheyAreSent() {
        PacketBurst many = new PacketBurst();
        try (NativeBlock frames = new NativeBlock(64 * 64)) {
            for (int i = 0; i < 2 * DATAGRAMS + 2; i++) {
                byte[] frame =
                        udp(i / 2)
                                .from("10.9.0." + i / 2)
                                .fragment(i % 2 * 8, i % 2 == 0, new byte[8]);
                Memory.copyIn(frame, 0, frames.address() + i * 64L, frame.length);
                many.add(frames.address() + i * 64L, frame.length, 0);
                parser.ethertype(many.get(i));
                parser.ipv4(many.get(i));
                boolean whole = reassembly.add(many.get(i), now);
                assertThat(whole).isEqualTo(i % 2 == 1 && i < 2 * DATAGRAMS);
            }
        }
        assertThat(drops.get(DropReason.REASSEMBLY_FULL)).isEqualTo(2);
        reassembly.release();
        nothing(piece(1, 0, true, 8));
        assertThat(add(piece(1, 8, false, 8))).isNotNull();
    }

    @Test
    void isNotFooledByAnIdentificationUsedAgain() {
        nothing(piece(1, 0, true, 8));
        for (int i = 0; i < Reassembly.MAX_DISTANCE; i++) {
            nothing(piece(2, 8 * (i + 1), true, 8));
        }
        nothing(piece(1, 8, false, 8));
        assertThat(drops.get(DropReason.REASSEMBLY_TIMEOUT)).isEqualTo(1);
        assertThat(add(piece(1, 0, true, 8))).isNotNull();
    }

    @Test
    void givesUpADatagramInTooManyParts() {
        for (int i = 0; i < Reassembly.MAX_FRAGMENTS; i++) {
            nothing(piece(1, 8 * i, true, 8));
        }
        nothing(piece(1, 8 * Reassembly.MAX_FRAGMENTS, false, 8));
        assertThat(drops.get(DropReason.FRAGMENTS_TOO_MANY))
                .isEqualTo(Reassembly.MAX_FRAGMENTS + 1);
    }

    @Test
    void takesTheLongestThereIs() {
        FrameBuilder datagram = udp(5).payload(new byte[65_507]);
        assertThat(addAll(datagram.fragments(1480))).isEqualTo(datagram.bytes());
    }

    @Test
    void refusesWhatIsLongerThanAnyDatagram() {
        nothing(piece(1, 65_512, false, 4));
        assertThat(drops.get(DropReason.FRAGMENT_INVALID)).isEqualTo(1);
        // 65,512 bytes of payload would do after a header without options.
        for (int at = 0; at < 65_512; at += 1480) {
            byte[] part = new byte[Math.min(1480, 65_512 - at)];
            nothing(
                    udp(2).ipOptions(new byte[] {1, 1, 1, 1})
                            .fragment(at, at + 1480 < 65_512, part));
        }
        assertThat(drops.get(DropReason.FRAGMENT_INVALID)).isEqualTo(1 + 45);
    }

    private static FrameBuilder udp6(int id) {
        return Frames.udp().from("fd01::11", 4000).to("fd01::100", 53).id(id);
    }

    private static byte[] piece6(int id, int offset, boolean more, int bytes) {
        return udp6(id).fragment(offset, more, new byte[bytes]);
    }

    @Test
    void putsIpv6TogetherInAnyOrder() {
        Random random = Seed.ofThisRun().random();
        for (int round = 0; round < 200; round++) {
            byte[] payload = new byte[20 + random.nextInt(3000)];
            random.nextBytes(payload);
            FrameBuilder datagram = udp6(round).tos(0x20).payload(payload);
            List<byte[]> frames = datagram.fragments(8 * (1 + random.nextInt(100)));
            if (frames.size() == 1 || frames.size() > Reassembly.MAX_FRAGMENTS) {
                continue;
            }
            Collections.shuffle(frames, random);
            assertThat(addAll(frames))
                    .as("%s round %d", Seed.ofThisRun(), round)
                    .isEqualTo(datagram.bytes());
        }
        assertThat(drops.snapshot()).isEmpty();
    }

    @Test
    void takesTheLongestIpv6Datagram() {
        FrameBuilder datagram = udp6(5).payload(new byte[65_527]);
        assertThat(addAll(datagram.fragments(1448))).isEqualTo(datagram.bytes());
        nothing(piece6(6, 65_528, false, 8));
        assertThat(drops.get(DropReason.FRAGMENT_INVALID)).isEqualTo(1);
    }

    @Test
    void givesUpIpv6DatagramsThatOverlap() {
        nothing(piece6(1, 0, true, 16));
        nothing(piece6(1, 8, true, 16));
        assertThat(drops.get(DropReason.FRAGMENT_OVERLAP)).isEqualTo(2);
        nothing(piece6(1, 16, false, 16));
    }

    @Test
    void refusesIpv6FragmentsOfOddLength() {
        nothing(piece6(1, 0, true, 17));
        assertThat(drops.get(DropReason.FRAGMENT_INVALID)).isEqualTo(1);
    }

    @Test
    void keepsTheIpv6HeadersBeforeTheFragmentHeader() {
        // Hop-by-hop options with nothing but padding, of 8 bytes, before the fragment header.
        byte[] first = withHopByHop(piece6(1, 0, true, 16));
        byte[] second = withHopByHop(piece6(1, 16, false, 3));
        nothing(second);
        byte[] whole = add(first);
        byte[] expected = withHopByHop(udp6(1).fragment(0, false, new byte[19]));
        // Without the fragment header, whose next header the hop-by-hop options have now.
        expected = without(expected, 14 + 48, 8);
        expected[14 + 40] = 17;
        expected[14 + 5] = (byte) (expected[14 + 5] - 8);
        assertThat(whole).isEqualTo(expected);
    }

    private static byte[] withHopByHop(byte[] frame) {
        byte[] options = {44, 0, 1, 4, 0, 0, 0, 0};
        byte[] longer = with(frame, 14 + 40, options);
        longer[14 + 6] = 0;
        longer[14 + 5] = (byte) (longer[14 + 5] + 8);
        return longer;
    }

    @Test
    void givesIpv6TwiceTheTime() {
        nothing(piece6(1, 0, true, 16));
        now += 10;
        nothing(piece(1, 0, true, 16));
        now += 30_000;
        assertThat(reassembly.expire(now, 10)).isEqualTo(1);
        assertThat(told).singleElement().asString().contains("10.1.0.11");
        now += 29_989;
        assertThat(reassembly.expire(now, 10)).isZero();
        now++;
        assertThat(reassembly.expire(now, 10)).isEqualTo(1);
        assertThat(told.getLast()).contains("fd01::11").contains("fragment 0+");
    }

    private static byte[] with(byte[] bytes, int at, byte[] inserted) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + inserted.length);
        System.arraycopy(bytes, at, longer, at + inserted.length, bytes.length - at);
        System.arraycopy(inserted, 0, longer, at, inserted.length);
        return longer;
    }

    private static byte[] without(byte[] bytes, int at, int count) {
        byte[] shorter = Arrays.copyOf(bytes, bytes.length - count);
        System.arraycopy(bytes, at + count, shorter, at, shorter.length - at);
        return shorter;
    }
}
