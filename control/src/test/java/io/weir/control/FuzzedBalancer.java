package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.GuardedPort;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;

/**
 * A balancer with every forwarding method between two links whose frames end where memory ends, for
 * fuzz tests: a new one for each input, so that an input alone repeats a failure.
 *
 * <pre>
 * 10.1.0.x, fd01::x -- link 1, VIPs 10.1.0.100 and fd01::100 | link 2 -- 10.2.0.x, fd02::x
 * </pre>
 */
final class FuzzedBalancer implements AutoCloseable {
    /** The longest frame, with room for a virtio header before it. */
    static final int MOST_BYTES = 8000;

    static final int CLIENTS = 1;
    static final int SERVERS = 2;

    private static final String RULES =
            """
            -A -t 10.1.0.100:80 -s wlc
            -a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m
            -A -t 10.1.0.100:81 -s rr
            -a -t 10.1.0.100:81 -r 10.2.0.11:81 -g
            -A -t 10.1.0.100:82 -s rr -p 300
            -a -t 10.1.0.100:82 -r 10.2.0.11:82 -i
            -A -u 10.1.0.100:53 -s rr -o
            -a -u 10.1.0.100:53 -r 10.2.0.11:5353 -m
            -A -u 10.1.0.100:5060 -s sh -p 60 --pe sip
            -a -u 10.1.0.100:5060 -r 10.2.0.11:5060 -m
            -A -t 10.1.0.100:21 -s rr
            -a -t 10.1.0.100:21 -r 10.2.0.11:21 -m
            -A --sctp-service 10.1.0.100:2905 -s rr
            -a --sctp-service 10.1.0.100:2905 -r 10.2.0.11:3905 -m
            -A -f 7 -s rr -p 10
            -a -f 7 -r 10.2.0.11 -g
            -A -t [fd01::100]:80 -s mh
            -a -t [fd01::100]:80 -r [fd02::11]:8080 -m
            -A -u [fd01::100]:53 -s rr
            -a -u [fd01::100]:53 -r [fd02::11]:53 -g
            -A -u [fd01::100]:54 -s rr -p 10
            -a -u [fd01::100]:54 -r [fd02::11]:54 -i --tun-type gue --tun-port 6080
            """;
    private static final String MARKS = "tcp to 10.1.0.100 port 1000-2000 mark 7\n";

    // Memory with guarded pages costs more to make than everything else.
    private static final GuardedPort[] PORTS = {
        new GuardedPort("clients", CLIENTS), new GuardedPort("servers", SERVERS)
    };

    private final List<Throwable> faults = new ArrayList<>();
    private final Balancer balancer;
    private long nowMillis = 1_000;

    FuzzedBalancer() {
        balancer =
                Balancer.builder()
                        .rules(RULES)
                        .marks(MARKS)
                        .connections(64)
                        .icmpErrorsPerSecond(0)
                        .clock(() -> nowMillis)
                        .seed(1)
                        .onFault(faults::add)
                        .build();
        List<Link> links = new ArrayList<>();
        for (GuardedPort port : PORTS) {
            port.takeSent();
            long mac = 0x0200_0000_0000L | port.linkIndex();
            links.add(new Link(port.linkIndex(), port.name(), mac, 1500, true, true));
            balancer.attach(port, links.getLast());
        }
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("10.1.0.1"), 24, CLIENTS),
                        new LinkAddress(address("10.1.0.100"), 32, CLIENTS),
                        new LinkAddress(address("fd01::1"), 64, CLIENTS),
                        new LinkAddress(address("fd01::100"), 128, CLIENTS),
                        new LinkAddress(address("10.2.0.1"), 24, SERVERS),
                        new LinkAddress(address("fd02::1"), 64, SERVERS));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        balancer.networkChanged(new NetworkSnapshot(links, addresses, routes));
        known(CLIENTS, "10.1.0.11");
        known(SERVERS, "10.2.0.11");
        known(CLIENTS, "fd01::11");
        known(SERVERS, "fd02::11");
    }

    private void known(int link, String host) {
        balancer.neighbourChanged(
                new NeighbourEntry(
                        link,
                        address(host),
                        NeighbourEntry.State.USABLE,
                        0x0200_0000_000bL | link << 8));
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    /**
     * Lets frames arrive on a link in one burst and returns what leaves; fails if the worker did.
     *
     * @param vnetHeader what a local sender says of each frame; empty for plain ones
     */
    List<byte[]> send(int link, List<byte[]> burst, byte[] vnetHeader) {
        for (byte[] frame : burst) {
            PORTS[link - 1].arrive(frame, vnetHeader);
        }
        nowMillis += 10;
        for (int cycles = 0; balancer.runOnce() > 0; cycles++) {
            assertThat(cycles).as("cycles until the worker rests").isLessThan(1000);
        }
        if (!faults.isEmpty()) {
            throw new AssertionError("the worker failed", faults.getFirst());
        }
        List<byte[]> sent = new ArrayList<>();
        for (GuardedPort port : PORTS) {
            sent.addAll(port.takeSent());
        }
        return sent;
    }

    /** Lets time pass without a frame. */
    void pass(long millis) {
        nowMillis += millis;
        send(CLIENTS, List.of(), new byte[0]);
    }

    /** Fails if a frame could not be read by its receiver; {@code sound} also if a sum is wrong. */
    static void checkSent(byte[] frame, boolean sound) {
        String words = FrameWords.frame(frame);
        // What an ICMP error quotes is the sender's.
        String outer = words.replaceAll("\\[.*\\]", "[]");
        assertThat(outer)
                .as(HexFormat.of().formatHex(frame))
                .doesNotContain("truncated ipv4", "truncated ipv6", "truncated arp")
                .doesNotContain("total-length", "payload-length", "padding", "bad-ip-checksum");
        if (sound) {
            assertThat(outer).doesNotContain("bad-checksum");
        }
    }

    @Override
    public void close() {
        balancer.close();
    }
}
