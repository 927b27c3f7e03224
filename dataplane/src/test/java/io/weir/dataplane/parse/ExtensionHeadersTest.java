package io.weir.dataplane.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

class ExtensionHeadersTest {
    private final NativeBlock block = new NativeBlock(4096);
    private final ExtensionHeaders headers = new ExtensionHeaders();

    @AfterEach
    void close() {
        block.close();
    }

    /** Walks over a fixed header with this next header and what follows, in hexadecimal. */
    private boolean walk(int next, String following) {
        byte[] after = HexFormat.of().parseHex(following.replace(" ", ""));
        byte[] packet = new byte[40 + after.length];
        packet[6] = (byte) next;
        System.arraycopy(after, 0, packet, 40, after.length);
        return walk(packet);
    }

    private boolean walk(byte[] packet) {
        // The packet ends where the readable memory of the test's interest ends.
        long at = block.address() + 4096 - packet.length;
        Memory.copyIn(packet, 0, at, packet.length);
        return headers.walk(at, packet.length);
    }

    @Test
    void findsTheTransportBehindEveryKind() {
        assertThat(walk(6, "0050")).isTrue();
        assertThat(headers.protocol()).isEqualTo(6);
        assertThat(headers.bytes()).isEqualTo(40);
        String hopByHop = "2b00 0104 0000 0000";
        String routing = "3c01 0400 0000 0000 0000 0000 0000 0000";
        String destination = "3300 0104 0000 0000";
        String authentication = "2c01 0000 0000 0001 0000 0002";
        String atomicFragment = "1100 0000 0000 0007";
        assertThat(walk(0, hopByHop + routing + destination + authentication + atomicFragment))
                .isTrue();
        assertThat(headers.protocol()).isEqualTo(17);
        assertThat(headers.bytes()).isEqualTo(40 + 8 + 16 + 8 + 12 + 8);
        assertThat(headers.fragment()).isFalse();
        assertThat(headers.sourceRouted()).isFalse();
    }

    @Test
    void tellsFragmentsAndDetours() {
        assertThat(walk(44, "1100 0001 0000 0007")).isTrue();
        assertThat(headers.fragment()).isTrue();
        assertThat(headers.protocol()).isEqualTo(17);
        // What follows a later fragment's header is no header, whatever it looks like.
        assertThat(walk(44, "0000 0008 0000 0007 ffff ffff ffff ffff")).isTrue();
        assertThat(headers.fragment()).isTrue();
        assertThat(headers.bytes()).isEqualTo(48);
        assertThat(walk(43, "0600 0001 0000 0000")).isTrue();
        assertThat(headers.sourceRouted()).isTrue();
        assertThat(walk(43, "0600 0000 0000 0000")).isTrue();
        assertThat(headers.sourceRouted()).isFalse();
    }

    @Test
    void refusesWhatDoesNotEndInside() {
        assertThat(walk(0, "0600 0104")).isFalse();
        assertThat(walk(0, "0601 0104 0000 0000")).isFalse();
        assertThat(walk(60, "")).isFalse();
        assertThat(walk(0, "0000 0104 0000 0000".repeat(7) + "0600 0104 0000 0000")).isTrue();
        assertThat(walk(0, "0000 0104 0000 0000".repeat(8) + "0600 0104 0000 0000")).isFalse();
    }

    @Test
    void agreesWithASlowWalkOverRandomBytes() {
        Random random = Seed.ofThisRun().random();
        int[] nexts = {0, 43, 44, 51, 60, 6, 17, 58, 59};
        int good = 0;
        for (int round = 0; round < 20_000; round++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(new byte[6]);
            bytes.write(nexts[random.nextInt(nexts.length)]);
            bytes.writeBytes(new byte[33]);
            int units = random.nextInt(10);
            for (int i = 0; i < units; i++) {
                byte[] unit = new byte[8];
                random.nextBytes(unit);
                unit[0] = (byte) nexts[random.nextInt(nexts.length)];
                unit[1] = (byte) random.nextInt(3);
                unit[2] = 0;
                unit[3] = (byte) random.nextInt(2);
                bytes.writeBytes(unit);
            }
            byte[] packet = bytes.toByteArray();
            String expected = slowWalk(packet);
            String walked =
                    walk(packet)
                            ? headers.protocol() + " " + headers.bytes() + " " + headers.fragment()
                            : "refused";
            assertThat(walked)
                    .as(Seed.ofThisRun() + " " + HexFormat.of().formatHex(packet))
                    .isEqualTo(expected);
            good += walked.equals("refused") ? 0 : 1;
        }
        assertThat(good).isBetween(5_000, 19_000);
    }

    private static String slowWalk(byte[] packet) {
        int next = packet[6];
        int at = 40;
        boolean fragment = false;
        for (int count = 0; Arrays.asList(0, 43, 44, 51, 60).contains(next); count++) {
            if (count == 8 || at + 8 > packet.length) {
                return "refused";
            }
            int units = packet[at + 1] & 0xff;
            int size = next == 44 ? 8 : next == 51 ? units * 4 + 8 : units * 8 + 8;
            if (at + size > packet.length) {
                return "refused";
            }
            boolean later = false;
            if (next == 44) {
                int word = (packet[at + 2] & 0xff) << 8 | (packet[at + 3] & 0xff);
                fragment = word >> 3 != 0 || (word & 1) != 0;
                later = word >> 3 != 0;
            }
            next = packet[at] & 0xff;
            at += size;
            if (later) {
                break;
            }
        }
        return next + " " + at + " " + fragment;
    }
}
