package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Any bytes are an advertisement, which is written as it was read, or are refused. */
class AdvertisementFuzzTest {
    private static final List<VrrpInstanceConfig> RECEIVERS =
            List.of(
                    Instances.of("plain", 51, "10.9.0.100").version(2).build(),
                    Instances.of("secret", 52, "10.9.0.100").version(2).password("s3cret").build(),
                    Instances.of("three", 53, "10.9.0.100").build(),
                    Instances.of("pseudo", 54, "10.9.0.100").pseudoHeader().build(),
                    Instances.of("six", 55, "fe80::55").build());

    static Stream<byte[]> seeds() {
        return AdvertisementTest.fixtures().map(fixture -> fixture.datagram().message());
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsOrRefuses(byte[] message) {
        for (VrrpInstanceConfig config : RECEIVERS) {
            readOrRefuse(message, config);
            readOrRefuse(repaired(message, config), config);
        }
    }

    // Without it hardly anything would come past the checksum.
    private static byte[] repaired(byte[] message, VrrpInstanceConfig config) {
        byte[] good = message.clone();
        if (good.length >= MessageFormat.HEADER_BYTES) {
            good[MessageFormat.CHECKSUM_OFFSET] = 0;
            good[MessageFormat.CHECKSUM_OFFSET + 1] = 0;
            int checksum =
                    config.ipv6()
                            ? MessageFormat.checksum(
                                    good, Instances.ip("fe80::ff:fe00:1"), MessageFormat.GROUP6)
                            : MessageFormat.checksum(good);
            good[MessageFormat.CHECKSUM_OFFSET] = (byte) (checksum >>> 8);
            good[MessageFormat.CHECKSUM_OFFSET + 1] = (byte) checksum;
        }
        return good;
    }

    private static void readOrRefuse(byte[] message, VrrpInstanceConfig config) {
        IpAddress source = Instances.ip(config.ipv6() ? "fe80::ff:fe00:1" : "10.9.0.1");
        Datagram datagram = new Datagram(source, MessageFormat.group(config.ipv6()), 255, message);
        AdvertisementReader reader = new AdvertisementReader(config);
        assertThat(AdvertisementReader.routerId(datagram)).isBetween(0, 255);
        if (reader.refusal(datagram, null) == null) {
            Advertisement read = reader.read(datagram);
            assertThat(read.intervalNanos()).isPositive();
            assertThat(read.addresses()).isNotEmpty();
            byte[] written =
                    AdvertisementWriter.write(
                            read,
                            config.password(),
                            MessageFormat.checksum(message) != 0,
                            source,
                            datagram.destination());
            assertThat(withoutUnread(written, config)).isEqualTo(withoutUnread(message, config));
        }
    }

    @MethodSource("seeds")
    @FuzzTest
    void changesNothingUnlessItIsGood(byte[] message) {
        RecordedActions done = new RecordedActions();
        VirtualRouters routers = new VirtualRouters(done, done);
        routers.configure(RECEIVERS, List.of(), 1);
        for (VirtualRouter router : routers.routers()) {
            router.setSource(Instances.ip(router.config().ipv6() ? "fe80::2" : "10.9.0.2"));
            router.setFault(null);
        }
        routers.reconsider(1);
        IpAddress four = Instances.ip("10.9.0.1");
        IpAddress six = Instances.ip("fe80::ff:fe00:1");
        routers.receive("eth0", new Datagram(four, MessageFormat.GROUP, 255, message), 2);
        routers.receive("eth0", new Datagram(six, MessageFormat.GROUP6, 255, message), 3);
        long counted = routers.unclaimed();
        for (VirtualRouter router : routers.routers()) {
            counted += router.counts().received();
            for (Refusal reason : Refusal.values()) {
                counted += router.counts().refused(reason);
            }
        }
        assertThat(counted).isEqualTo(2);
        assertThat(done.held()).isEmpty();
        assertThat(routers.deadline()).isBetween(0L, VirtualRouter.NEVER - 1);
    }

    // Without a password nobody reads its field, and version 3's reserved bits are for later; the
    // checksum covers both, and knows zero by two names.
    private static byte[] withoutUnread(byte[] message, VrrpInstanceConfig config) {
        byte[] read = message.clone();
        if (config.version() == 3) {
            read[MessageFormat.CENTISECONDS_OFFSET] &= 0xf;
        } else if (config.password() == null) {
            Arrays.fill(read, read.length - MessageFormat.PASSWORD_BYTES, read.length, (byte) 0);
        }
        read[MessageFormat.CHECKSUM_OFFSET] = 0;
        read[MessageFormat.CHECKSUM_OFFSET + 1] = 0;
        return read;
    }
}
