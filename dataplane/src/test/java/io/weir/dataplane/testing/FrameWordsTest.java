package io.weir.dataplane.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

class FrameWordsTest {
    private static String words(FrameBuilder builder) {
        return FrameWords.packet(builder.packet());
    }

    @Test
    void tellsMacAddressesOfFrames() {
        assertThat(FrameWords.frame(Frames.udp().bytes()))
                .isEqualTo(
                        "02:00:00:00:00:01 > 02:00:00:00:00:02"
                                + " 10.0.0.1:1024 > 10.0.0.2:80 udp");
    }

    @Test
    void tellsTcp() {
        FrameBuilder syn = Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.100", 80).syn().seq(1);
        assertThat(words(syn)).isEqualTo("10.1.0.11:4000 > 10.1.0.100:80 tcp S seq 1 win 65535");
        FrameBuilder data =
                Frames.tcp().psh().seq(2).ack(4_000_000_000L).window(9).payload("hello").id(5);
        assertThat(words(data.dontFragment().ttl(63).tos(8)))
                .isEqualTo(
                        "10.0.0.1:1024 > 10.0.0.2:80 tcp PA seq 2 ack 4000000000 win 9 len 5"
                                + " tos 8 ttl 63 id 5 df");
        assertThat(words(Frames.tcp().rst().tcpOptions(new byte[4]).ipOptions(new byte[8])))
                .isEqualTo("10.0.0.1:1024 > 10.0.0.2:80 tcp R seq 0 win 65535 options 4 options 8");
    }

    @Test
    void tellsChecksumsThatAreNotRight() {
        assertThat(words(Frames.udp())).isEqualTo("10.0.0.1:1024 > 10.0.0.2:80 udp");
        assertThat(words(Frames.udp().noChecksum())).endsWith("udp no-checksum");
        assertThat(words(Frames.udp().wrongChecksum())).endsWith("udp bad-checksum");
        assertThat(words(Frames.tcp().partialChecksum())).endsWith("partial-checksum");
        assertThat(words(Frames.sctp().chunk(1))).endsWith("sctp tag 0 chunk 1");
        assertThat(words(Frames.sctp().wrongChecksum())).endsWith("sctp tag 0 bad-checksum");
        byte[] packet = Frames.udp().packet();
        packet[8]--;
        assertThat(FrameWords.packet(packet)).endsWith("udp ttl 63 bad-ip-checksum");
    }

    @Test
    void tellsWhatIcmpErrorsQuote() {
        byte[] quoted = Frames.udp().packet();
        assertThat(words(Frames.icmpError(3, 3, quoted).from("10.0.0.9").to("10.0.0.1")))
                .isEqualTo("10.0.0.9 > 10.0.0.1 icmp 3/3 [10.0.0.1:1024 > 10.0.0.2:80 udp]");
        assertThat(words(Frames.ping(1, 2).payload("abc")))
                .isEqualTo("10.0.0.1 > 10.0.0.2 icmp 8/0 rest 0x10002 len 3");
        assertThat(words(Frames.ip(4).payload(quoted)))
                .isEqualTo("10.0.0.1 > 10.0.0.2 ipip [10.0.0.1:1024 > 10.0.0.2:80 udp]");
    }

    @Test
    void tellsIpv6() {
        assertThat(words(Frames.udp().from("fd00::1", 5).to("fd00::2", 53).payload("x")))
                .isEqualTo("[fd00::1]:5 > [fd00::2]:53 udp len 1");
        assertThat(words(Frames.icmp(129, 0, 7).from("fd00::1").to("fd00::2")))
                .isEqualTo("fd00::1 > fd00::2 icmpv6 129/0 rest 0x7");
    }

    @Test
    void cutsFragments() {
        List<byte[]> v4 = Frames.udp().id(7).payload(new byte[30]).fragments(16);
        assertThat(v4.stream().map(frame -> FrameWords.frame(frame).substring(38)))
                .containsExactly(
                        "10.0.0.1:1024 > 10.0.0.2:80 udp len 8 id 7 fragment 0+",
                        "10.0.0.1 > 10.0.0.2 udp len 16 id 7 fragment 16+",
                        "10.0.0.1 > 10.0.0.2 udp len 6 id 7 fragment 32");
        List<byte[]> v6 =
                Frames.udp().from("fd00::1", 5).to("fd00::2", 53).payload(new byte[9]).fragments(8);
        assertThat(v6.stream().map(frame -> FrameWords.frame(frame).substring(38)))
                .containsExactly(
                        "[fd00::1]:5 > [fd00::2]:53 udp fragment 0+",
                        "fd00::1 > fd00::2 udp len 8 fragment 8+",
                        "fd00::1 > fd00::2 udp len 1 fragment 16");
    }

    @Test
    void tellsArp() {
        byte[] request = Frames.arpRequest("02:00:00:00:00:0a", "10.0.0.1", "10.0.0.2");
        assertThat(FrameWords.frame(request))
                .isEqualTo(
                        "02:00:00:00:00:0a > ff:ff:ff:ff:ff:ff"
                                + " arp who-has 10.0.0.2 tell 10.0.0.1");
        byte[] reply =
                Frames.arpReply("02:00:00:00:00:0b", "10.0.0.2", "02:00:00:00:00:0a", "10.0.0.1");
        assertThat(FrameWords.frame(reply))
                .isEqualTo(
                        "02:00:00:00:00:0b > 02:00:00:00:00:0a"
                                + " arp 10.0.0.2 is-at 02:00:00:00:00:0b to 10.0.0.1");
    }

    @Test
    void describesWhateverComes() {
        Seed seed = Seed.ofThisRun();
        Random random = seed.random();
        List<byte[]> samples =
                List.of(
                        Frames.tcp().payload("data").bytes(),
                        Frames.sctp().chunk(1).chunk(3).bytes(),
                        Frames.icmpError(3, 3, Frames.udp().packet()).bytes(),
                        Frames.udp().from("fd00::1", 5).to("fd00::2", 53).fragments(8).get(0),
                        Frames.arpRequest("02:00:00:00:00:0a", "10.0.0.1", "10.0.0.2"));
        for (int round = 0; round < 20_000; round++) {
            byte[] sample = samples.get(random.nextInt(samples.size()));
            byte[] frame = Arrays.copyOf(sample, random.nextInt(sample.length + 10));
            for (int flips = random.nextInt(4); flips > 0 && frame.length > 0; flips--) {
                frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
            }
            assertThatCode(() -> FrameWords.frame(frame)).as("%s", seed).doesNotThrowAnyException();
        }
    }
}
