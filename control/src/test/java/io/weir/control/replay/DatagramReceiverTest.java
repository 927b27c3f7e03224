package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncRole;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Datagrams on the virtual link between two balancers. */
class DatagramReceiverTest {
    private static final long MAC = 0x0200_0000_1003L;
    private static final IpAddress OWN = address("10.9.0.2");

    private final DatagramReceiver receiver = new DatagramReceiver(MAC, Set.of(OWN));

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static MulticastSender sender(int mtu, String source, String group) {
        SyncDaemon daemon =
                new SyncDaemon(SyncRole.MASTER, "sync", 1, 1472, address(group), 8848, 1);
        Link link = new Link(1, "sync", 0x0200_0000_0003L, mtu, true, true);
        return new MulticastSender(link, address(source), 40000, daemon);
    }

    private static byte[] message(int bytes) {
        byte[] message = new byte[bytes];
        new Random(bytes).nextBytes(message);
        return message;
    }

    @ParameterizedTest
    @CsvSource({
        "1500, 0, 1, 10.9.0.1, 224.0.0.81", "1500, 1472, 1, 10.9.0.1, 224.0.0.81",
        "1500, 1473, 2, 10.9.0.1, 224.0.0.81", "600, 1472, 3, 10.9.0.1, 224.0.0.81",
        "1500, 1452, 1, fd09::1, ff05::81", "1280, 5000, 5, fd09::1, ff05::81"
    })
    void whatIsSentArrives(int mtu, int bytes, int count, String source, String group) {
        List<byte[]> frames =
                new ArrayList<>(sender(mtu, source, group).frames(8848, message(bytes)));
        assertThat(frames).hasSize(count).allMatch(frame -> frame.length <= 14 + mtu);
        Collections.shuffle(frames, new Random(1));
        for (byte[] frame : frames.subList(1, count)) {
            assertThat(receiver.receive(frame)).isNull();
        }
        UdpDatagram datagram = receiver.receive(frames.getFirst());
        assertThat(datagram).isNotNull();
        assertThat(datagram.payload()).isEqualTo(message(bytes));
        assertThat(datagram.destination()).isEqualTo(address(group));
        assertThat(datagram.destinationPort()).isEqualTo(8848);
    }

    /** One changed bit anywhere in the packet, but where nothing depends on it, and it is lost. */
    @Test
    void damagedDatagramsAreLost() {
        byte[] frame = sender(1500, "10.9.0.1", "224.0.0.81").frames(8848, message(44)).getFirst();
        for (int bit = 14 * 8; bit < frame.length * 8; bit++) {
            byte[] damaged = frame.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(receiver.receive(damaged)).as("bit " + bit).isNull();
        }
    }

    @Test
    void nothingComesFromItself() {
        assertThat(
                        receiver.receive(
                                sender(1500, "10.9.0.2", "224.0.0.81")
                                        .frames(1, message(9))
                                        .getFirst()))
                .isNull();
        assertThat(
                        receiver.receive(
                                sender(1500, "127.0.0.1", "224.0.0.81")
                                        .frames(1, message(9))
                                        .getFirst()))
                .isNull();
    }

    static Stream<byte[]> frames() {
        return Stream.of(
                        sender(1500, "10.9.0.1", "224.0.0.81").frames(8848, message(44)),
                        sender(600, "10.9.0.1", "224.0.0.81").frames(8848, message(1472)),
                        sender(1280, "fd09::1", "ff05::81").frames(8848, message(5000)))
                .flatMap(List::stream);
    }

    @MethodSource("frames")
    @FuzzTest
    void anyBytesAreAFrame(byte[] frame) {
        DatagramReceiver fresh = new DatagramReceiver(MAC, Set.of(OWN));
        for (int i = 0; i < 3; i++) {
            UdpDatagram datagram = fresh.receive(frame);
            if (datagram != null) {
                assertThat(datagram.payload().length).isLessThanOrEqualTo(frame.length);
            }
        }
    }
}
