package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Messages byte by byte, and why a packet is refused. */
final class AdvertisementTest {
    private static final IpAddress FROM = Instances.ip("10.9.0.1");

    /**
     * A message as it is on the wire, and what it says.
     *
     * @param by who made it
     */
    record Fixture(
            String by,
            Instances instance,
            String source,
            String destination,
            int priority,
            String hex) {
        Datagram datagram() {
            return new Datagram(
                    Instances.ip(source),
                    Instances.ip(destination),
                    255,
                    HexFormat.of().parseHex(hex));
        }

        @Override
        public String toString() {
            return by + " " + hex;
        }
    }

    /** Recorded from keepalived 2.2.7, the first of each kind and its last, with priority 0. */
    static Stream<Fixture> fixtures() {
        Instances plain = Instances.of("A", 51, "10.9.0.100", "10.9.0.101").version(2).millis(1000);
        Instances secret =
                Instances.of("B", 52, "10.9.0.102").version(2).millis(1000).password("s3cret");
        Instances pseudo = Instances.of("C", 53, "10.9.0.103").millis(250).pseudoHeader();
        Instances alone =
                Instances.of("D", 54, "10.9.0.104").millis(250).pseudoHeader().peers("10.9.0.1");
        Instances six = Instances.of("E", 55, "fe80::55", "fd09::100").millis(500);
        // RFC 9568's own: the sum is over the message alone.
        // 3135 c801 0019 0a09 0067 add up to 0x103bf, folded 0x03c0, whose complement it is.
        Instances rfc = Instances.of("C", 53, "10.9.0.103").millis(250);
        String four = "224.0.0.18";
        String fe80 = "fe80::ff:fe00:1";
        return Stream.of(
                new Fixture(
                        "keepalived",
                        plain,
                        "10.9.0.1",
                        four,
                        100,
                        "21336402000165ee0a0900640a0900650000000000000000"),
                new Fixture(
                        "keepalived",
                        plain,
                        "10.9.0.1",
                        four,
                        0,
                        "213300020001c9ee0a0900640a0900650000000000000000"),
                new Fixture(
                        "keepalived",
                        secret,
                        "10.9.0.1",
                        four,
                        150,
                        "213496010102013f0a0900667333637265740000"),
                new Fixture(
                        "keepalived",
                        secret,
                        "10.9.0.1",
                        four,
                        0,
                        "213400010102973f0a0900667333637265740000"),
                new Fixture(
                        "keepalived", pseudo, "10.9.0.1", four, 200, "3135c801001911a70a090067"),
                new Fixture("keepalived", pseudo, "10.9.0.1", four, 0, "313500010019d9a70a090067"),
                new Fixture(
                        "keepalived",
                        alone,
                        "10.9.0.1",
                        "10.9.0.2",
                        200,
                        "3136c8010019e7ac0a090068"),
                new Fixture(
                        "keepalived",
                        six,
                        fe80,
                        "ff02::12",
                        201,
                        "3137c90200320b85fe800000000000000000000000000055"
                                + "fd090000000000000000000000000100"),
                new Fixture("RFC 9568", rfc, "10.9.0.1", four, 200, "3135c8010019fc3f0a090067"));
    }

    private static VrrpInstanceConfig config(Fixture fixture) {
        Instances instance = fixture.instance;
        // Version 2's intervals: keepalived's B was told 2 s, its A 1 s.
        return fixture.hex.startsWith("2134") ? instance.millis(2000).build() : instance.build();
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void readsWhatOthersWrite(Fixture fixture) {
        VrrpInstanceConfig config = config(fixture);
        AdvertisementReader reader = new AdvertisementReader(config);
        assertThat(reader.refusal(fixture.datagram(), Instances.ip("10.9.0.2"))).isNull();
        assertThat(reader.read(fixture.datagram()))
                .isEqualTo(new VirtualRouter(config).advertisement(fixture.priority));
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void writesWhatOthersWrite(Fixture fixture) {
        VrrpInstanceConfig config = config(fixture);
        byte[] written =
                AdvertisementWriter.write(
                        new VirtualRouter(config).advertisement(fixture.priority),
                        config.password(),
                        config.ipv4PseudoHeader(),
                        Instances.ip(fixture.source),
                        Instances.ip(fixture.destination));
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(fixture.hex);
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void refusesEveryFlippedBit(Fixture fixture) {
        AdvertisementReader reader = new AdvertisementReader(config(fixture));
        Datagram good = fixture.datagram();
        for (int bit = 0; bit < 8 * good.message().length; bit++) {
            byte[] bent = good.message().clone();
            bent[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(reader.refusal(with(good, bent), null)).as("bit %d", bit).isNotNull();
        }
    }

    private static Datagram with(Datagram datagram, byte[] message) {
        return new Datagram(
                datagram.source(), datagram.destination(), datagram.hopLimit(), message);
    }

    private static Refusal refusal(Instances receiver, Instances sender, String destination) {
        return refusal(receiver, sender, destination, 255, bytes -> bytes);
    }

    private static Refusal refusal(
            Instances receiver,
            Instances sender,
            String destination,
            int hopLimit,
            UnaryOperator<byte[]> change) {
        VrrpInstanceConfig config = sender.build();
        IpAddress to = Instances.ip(destination);
        byte[] message =
                AdvertisementWriter.write(
                        new VirtualRouter(config).advertisement(100),
                        config.password(),
                        config.ipv4PseudoHeader(),
                        FROM,
                        to);
        Datagram datagram = new Datagram(FROM, to, hopLimit, change.apply(message));
        return new AdvertisementReader(receiver.build())
                .refusal(datagram, Instances.ip("10.9.0.2"));
    }

    private static Instances three() {
        return Instances.of("vr", 51, "10.9.0.100");
    }

    private static Instances two() {
        return three().version(2);
    }

    private static final String GROUP = "224.0.0.18";

    @ParameterizedTest
    @CsvSource({"0", "1", "64", "254"})
    void refusesWhatCameThroughARouter(int hopLimit) {
        assertThat(refusal(three(), three(), GROUP, hopLimit, bytes -> bytes))
                .isEqualTo(Refusal.HOP_LIMIT);
        Instances unicast = three().peers("10.9.0.1");
        assertThat(refusal(unicast, three(), "10.9.0.2", hopLimit, bytes -> bytes)).isNull();
    }

    @Test
    void refusesTheOtherVersionAndOtherTypes() {
        assertThat(refusal(three(), two(), GROUP)).isEqualTo(Refusal.VERSION);
        assertThat(refusal(two(), three(), GROUP)).isEqualTo(Refusal.VERSION);
        assertThat(refusal(three(), three(), GROUP, 255, bytes -> set(bytes, 0, 0x32)))
                .isEqualTo(Refusal.TYPE);
    }

    private static byte[] set(byte[] bytes, int at, int value) {
        bytes[at] = (byte) value;
        return bytes;
    }

    @Test
    void acceptsBothChecksumsOfVersion3() {
        assertThat(refusal(three(), three().pseudoHeader(), GROUP)).isNull();
        assertThat(refusal(three().pseudoHeader(), three(), GROUP)).isNull();
        assertThat(refusal(three(), three(), GROUP, 255, bytes -> set(bytes, 6, bytes[6] + 1)))
                .isEqualTo(Refusal.CHECKSUM);
    }

    @Test
    void refusesWrongLengths() {
        for (int length : List.of(0, 1, 7, 8, 11, 13, 16)) {
            assertThat(
                            refusal(
                                    three(),
                                    three(),
                                    GROUP,
                                    255,
                                    bytes -> java.util.Arrays.copyOf(bytes, length)))
                    .as("length %d", length)
                    .isEqualTo(Refusal.LENGTH);
        }
        assertThat(refusal(three(), three(), GROUP, 255, bytes -> set(bytes, 3, 2)))
                .isEqualTo(Refusal.LENGTH);
        assertThat(refusal(three(), three(), GROUP, 255, bytes -> set(bytes, 3, 0)))
                .isEqualTo(Refusal.NO_ADDRESS);
    }

    @Test
    void wantsThePasswordAsConfigured() {
        assertThat(refusal(two(), two().password("abc"), GROUP)).isEqualTo(Refusal.AUTHENTICATION);
        assertThat(refusal(two().password("abc"), two(), GROUP)).isEqualTo(Refusal.AUTHENTICATION);
        assertThat(refusal(two().password("abc"), two().password("abd"), GROUP))
                .isEqualTo(Refusal.PASSWORD);
        assertThat(refusal(two().password("abc"), two().password("abc"), GROUP)).isNull();
        assertThat(refusal(two().password("12345678"), two().password("123456789"), GROUP))
                .isNull();
    }

    @Test
    void wantsTheIntervalOfVersion2AndAnyOfVersion3() {
        assertThat(refusal(two(), two().millis(2000), GROUP)).isEqualTo(Refusal.INTERVAL);
        assertThat(refusal(three(), three().millis(20), GROUP)).isNull();
        assertThat(
                        refusal(
                                three(),
                                three(),
                                GROUP,
                                255,
                                bytes -> {
                                    // 0x64 moves from the interval into the checksum.
                                    set(bytes, 7, bytes[7] + 0x64);
                                    return set(bytes, 5, 0);
                                }))
                .isIn(Refusal.INTERVAL, Refusal.CHECKSUM);
    }

    @Test
    void hearsPeersOrTheGroupAndNeverItself() {
        Instances unicast = three().peers("10.9.0.1");
        assertThat(refusal(unicast, three(), "10.9.0.2")).isNull();
        assertThat(refusal(unicast, three(), GROUP)).isEqualTo(Refusal.DESTINATION);
        assertThat(refusal(three(), three(), "10.9.0.2")).isEqualTo(Refusal.DESTINATION);
        assertThat(refusal(three().peers("10.9.0.7"), three(), "10.9.0.2"))
                .isEqualTo(Refusal.NOT_A_PEER);
        Fixture own = fixtures().findFirst().orElseThrow();
        assertThat(new AdvertisementReader(config(own)).refusal(own.datagram(), FROM))
                .isEqualTo(Refusal.OWN_SOURCE);
    }

    @Test
    void findsTheVirtualRouter() {
        assertThat(refusal(Instances.of("vr", 52, "10.9.0.100"), three(), GROUP))
                .isEqualTo(Refusal.ROUTER_ID);
        assertThat(AdvertisementReader.routerId(new Datagram(FROM, FROM, 255, new byte[7])))
                .isZero();
        for (Fixture fixture : fixtures().toList()) {
            assertThat(AdvertisementReader.routerId(fixture.datagram()))
                    .isEqualTo(config(fixture).routerId());
        }
    }
}
