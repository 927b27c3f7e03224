package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.LastInput;
import io.weir.dataplane.testing.SlowChecksum;

import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Bursts of any frames: the worker goes on, reads and writes inside of them, and what it sends is
 * well formed; if all that came was right, so are the checksums of what leaves.
 *
 * <p>The input is a row of orders: one byte with the link (bit 0), whether the frame joins the
 * burst of the one before (1), whether its IP checksum is put right (2), whether it has a virtio
 * header of the next ten bytes (3), and how long to wait before (4-7, a power of two in
 * milliseconds); two bytes with the frame's length; the frame.
 */
class BalancerFuzzTest {
    private static final byte[] NO_VNET = {};
    private static final int VNET_BYTES = 10;
    private static final int MOST_ORDERS = 64;

    static Stream<byte[]> seeds() {
        return Stream.concat(ofConnections(), ofFamiliesAndHosts());
    }

    private static Stream<byte[]> ofConnections() {
        String client = "10.1.0.11";
        String vip = "10.1.0.100";
        byte[] syn = Frames.tcp().from(client, 4000).to(vip, 80).syn().bytes();
        byte[] quoted = Frames.tcp().from(client, 4000).to("10.2.0.11", 8080).syn().packet();
        byte[] sip = Frames.ascii("INVITE sip:b SIP/2.0\r\nCall-ID: a@b\r\n\r\n");
        return Stream.of(
                orders(
                        1, syn,
                        0,
                                Frames.tcp()
                                        .from("10.2.0.11", 8080)
                                        .to(client, 4000)
                                        .syn()
                                        .ack(2)
                                        .bytes(),
                        0, Frames.icmpError(3, 4, quoted).from("10.2.0.1").to("10.1.0.100").bytes(),
                        0, Frames.icmpError(11, 0, quoted).from("10.2.0.9").to(client).bytes()),
                orders(
                        1, Frames.tcp().from(client, 4000).to(vip, 81).syn().bytes(),
                        3, Frames.tcp().from(client, 4001).to(vip, 82).syn().bytes(),
                        3, Frames.tcp().from(client, 4002).to(vip, 1500).syn().bytes()),
                orders(
                        1, Frames.udp().from(client, 4000).to(vip, 5060).payload(sip).bytes(),
                        1, Frames.udp().from(client, 4000).to(vip, 53).noChecksum().bytes(),
                        0xb1, Frames.udp().from(client, 4000).to(vip, 53).payload("x").bytes()),
                orders(
                        1, Frames.tcp().from(client, 4000).to(vip, 21).syn().bytes(),
                        1,
                                Frames.tcp()
                                        .from(client, 4000)
                                        .to(vip, 21)
                                        .ack(1)
                                        .payload("PASV\r\n")
                                        .bytes(),
                        0,
                                Frames.tcp()
                                        .from("10.2.0.11", 21)
                                        .to(client, 4000)
                                        .ack(1)
                                        .payload("227 ok (10,2,0,11,156,64).\r\n")
                                        .bytes()),
                orders(
                        1, Frames.sctp().from(client, 4000).to(vip, 2905).initChunk(1, 9).bytes(),
                        1,
                                Frames.sctp()
                                        .from(client, 4000)
                                        .to(vip, 2905)
                                        .chunk(10)
                                        .chunk(0)
                                        .bytes(),
                        0,
                                Frames.sctp()
                                        .from("10.2.0.11", 3905)
                                        .to(client, 4000)
                                        .chunk(6)
                                        .bytes()));
    }

    private static Stream<byte[]> ofFamiliesAndHosts() {
        String client = "10.1.0.11";
        String vip = "10.1.0.100";
        return Stream.of(
                orders(
                        1, Frames.tcp().from("fd01::11", 4000).to("fd01::100", 80).syn().bytes(),
                        1,
                                Frames.udp()
                                        .from("fd01::11", 4000)
                                        .to("fd01::100", 53)
                                        .payload("x")
                                        .bytes(),
                        1,
                                Frames.udp()
                                        .from("fd01::11", 4000)
                                        .to("fd01::100", 54)
                                        .payload("x")
                                        .bytes(),
                        1,
                                Frames.icmp(135, 0, 0)
                                        .from("fd01::11")
                                        .to("fd01::100")
                                        .ttl(255)
                                        .payload(solicited("fd01::100"))
                                        .bytes(),
                        0,
                                Frames.icmp(136, 0, 0x6000_0000)
                                        .from("fd02::11")
                                        .to("fd02::1")
                                        .ttl(255)
                                        .payload(solicited("fd02::11"))
                                        .bytes(),
                        1,
                                Frames.icmpError(
                                                1,
                                                4,
                                                Frames.tcp()
                                                        .from("fd01::100", 80)
                                                        .to("fd01::11", 4000)
                                                        .packet())
                                        .from("fd01::9")
                                        .to("fd01::100")
                                        .bytes()),
                orders(
                        1, Frames.arpRequest("02:00:00:00:01:0b", client, vip),
                        0,
                                Frames.arpReply(
                                        "02:00:00:00:02:0b",
                                        "10.2.0.11",
                                        "02:00:00:00:00:02",
                                        "10.2.0.1"),
                        1,
                                Frames.ping(1, 2)
                                        .from(client)
                                        .to(vip)
                                        .ipOptions(new byte[] {7, 7, 4, 0, 0, 0, 0, 1})
                                        .bytes(),
                        1,
                                Frames.udp()
                                        .from(client, 4000)
                                        .to(vip, 53)
                                        .payload(new byte[40])
                                        .fragments(24)
                                        .get(0),
                        3,
                                Frames.udp()
                                        .from(client, 4000)
                                        .to(vip, 53)
                                        .payload(new byte[40])
                                        .fragments(24)
                                        .get(1)));
    }

    private static byte[] solicited(String target) {
        byte[] address = Arrays.copyOfRange(Frames.ip(59).from(target).to(target).packet(), 8, 24);
        return ByteBuffer.allocate(24)
                .put(address)
                .put(new byte[] {1, 1, 2, 0, 0, 0, 1, 11})
                .array();
    }

    private static byte[] orders(Object... kindsAndFrames) {
        ByteArrayOutputStream orders = new ByteArrayOutputStream();
        for (int i = 0; i < kindsAndFrames.length; i += 2) {
            byte[] frame = (byte[]) kindsAndFrames[i + 1];
            orders.write((int) kindsAndFrames[i]);
            orders.write(frame.length >> 8);
            orders.write(frame.length);
            orders.writeBytes(frame);
        }
        return orders.toByteArray();
    }

    @MethodSource("seeds")
    @FuzzTest
    void sendsOnWhatIsWellFormed(byte[] input) {
        LastInput.keep(input);
        ByteBuffer orders = ByteBuffer.wrap(input);
        boolean sound = true;
        try (FuzzedBalancer balancer = new FuzzedBalancer()) {
            List<byte[]> burst = new ArrayList<>();
            for (int count = 0; orders.remaining() >= 3 && count < MOST_ORDERS; count++) {
                int kind = orders.get();
                byte[] vnet = NO_VNET;
                int length = orders.getShort() & 0x1fff;
                if ((kind & 8) != 0 && orders.remaining() >= VNET_BYTES) {
                    vnet = take(orders, VNET_BYTES);
                    sound = false;
                }
                byte[] frame = take(orders, Math.min(length, FuzzedBalancer.MOST_BYTES));
                if ((kind & 4) != 0) {
                    repair(frame);
                }
                sound &= sound(frame);
                balancer.pass(1L << (kind >> 4 & 15));
                if ((kind & 2) == 0) {
                    burst.clear();
                }
                burst.add(frame);
                int link = (kind & 1) == 1 ? FuzzedBalancer.CLIENTS : FuzzedBalancer.SERVERS;
                for (byte[] sent : balancer.send(link, burst, vnet)) {
                    FuzzedBalancer.checkSent(sent, sound);
                    assertThat(sent.length).isLessThanOrEqualTo(FuzzedBalancer.MOST_BYTES + 256);
                }
            }
        }
    }

    private static byte[] take(ByteBuffer from, int most) {
        byte[] bytes = new byte[Math.min(most, from.remaining())];
        from.get(bytes);
        return bytes;
    }

    private static boolean sound(byte[] frame) {
        String words = FrameWords.frame(frame);
        return !words.contains("bad-") && !words.contains("truncated") && !words.contains("length");
    }

    private static void repair(byte[] frame) {
        int headerBytes = frame.length > 14 ? (frame[14] & 15) * 4 : 0;
        if (headerBytes >= 20 && frame.length >= 14 + headerBytes) {
            frame[24] = 0;
            frame[25] = 0;
            int sum = SlowChecksum.checksum(Arrays.copyOfRange(frame, 14, 14 + headerBytes));
            frame[24] = (byte) (sum >> 8);
            frame[25] = (byte) sum;
        }
    }
}
