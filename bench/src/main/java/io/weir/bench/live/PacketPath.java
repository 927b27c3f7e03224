package io.weir.bench.live;

import io.weir.bench.rate.ArrivalCounter;
import io.weir.bench.rate.FloodTraffic;
import io.weir.dataplane.net.IpAddress;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A site for measures whose client is a source of packets and whose server only counts them. */
final class PacketPath {
    /**
     * The balancer has a processor of its own, frames are as on a wire, and receiving is charged to
     * threads.
     */
    static final Layout LAYOUT = new Layout(Layout.Placement.BALANCER_APART, false, true);

    private static final Set<String> PROXIES = Set.of("haproxy", "nginx");

    private PacketPath() {}

    /** What this machine lacks for such measures, or empty. */
    static Optional<String> lacks() {
        return Runtime.getRuntime().availableProcessors() < 2
                ? Optional.of("the balancer needs a processor of its own")
                : Optional.empty();
    }

    /** Why a contender cannot take part, or empty. */
    static Optional<String> excludes(Contender contender) {
        return PROXIES.contains(contender.name())
                ? Optional.of("it forwards no packets")
                : Optional.empty();
    }

    /**
     * Sets the way back and places the threads that receive.
     *
     * @param unlimited whether the source will send without end
     * @return the balancer's threads that receive
     */
    static List<Long> prepare(Site site, boolean unlimited) throws IOException {
        routeBack(site);
        // By NAPI too, so that a forwarded packet is not received by the server on the balancer's
        // processor, and before the source, which would otherwise starve it.
        site.shell(
                site.server(),
                "ethtool -K server gro on && echo 1 >/sys/class/net/server/threaded");
        List<Long> servers = ProcessorTime.kernelThreads("napi/server-");
        List<Long> receivers = new ArrayList<>(ProcessorTime.kernelThreads("napi/front-"));
        receivers.addAll(ProcessorTime.kernelThreads("napi/back-"));
        place(site, servers, site.layout().placement().hosts(), "renice -n -15 -p");
        // As an interrupt would, receiving goes before everything else, or a program that waits in
        // a loop keeps it from its 256 frames until the next tick. But for a flood without end that
        // would leave nothing to anybody else, where the kernel shares the processor too.
        place(
                site,
                receivers,
                site.layout().placement().balancer(),
                unlimited ? "renice -n 0 -p" : "chrt -f -p 1");
        receivers.addAll(
                ProcessorTime.kernelThreads("ksoftirqd/" + site.layout().placement().balancer()));
        return receivers;
    }

    /** Lets the balancer know where the sources of all packets are. */
    static void routeBack(Site site) throws IOException {
        site.run(
                site.balancer(),
                List.of(
                        "ip",
                        "route",
                        "replace",
                        site.family().sources(),
                        "via",
                        site.family().client()));
    }

    private static void place(Site site, List<Long> threads, String processors, String order)
            throws IOException {
        for (long thread : threads) {
            site.shell(
                    site.server(),
                    "taskset -cp %s %d && %s %d".formatted(processors, thread, order, thread));
        }
    }

    /**
     * Packets from many clients to the contender.
     *
     * @param protocol a protocol of {@link FloodTraffic}
     * @param flowBits the logarithm of the number of flows to the base 2
     */
    static FloodTraffic traffic(Measure.Turn turn, int protocol, int flowBits) throws IOException {
        return new FloodTraffic(
                hardwareAddress(turn.site(), true),
                hardwareAddress(turn.site(), false),
                protocol,
                address(turn.contender().address()),
                Site.PACKETS,
                address(turn.site().family().firstSource()),
                flowBits);
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    private static long hardwareAddress(Site site, boolean balancer) throws IOException {
        String text =
                site.run(
                        balancer ? site.balancer() : site.client(),
                        List.of(
                                "cat",
                                "/sys/class/net/%s/address"
                                        .formatted(balancer ? "front" : "client")));
        return Long.parseLong(text.strip().replace(":", ""), 16);
    }

    /** Counts the packets that arrive at the servers. */
    static ArrivalCounter arrivals(Site site) throws IOException {
        boolean ipv6 = site.family() == Family.IPV6;
        return site.server().call(() -> ArrivalCounter.attach("server", ipv6, Site.PACKETS));
    }

    /** Packets that the balancer sent and that the server had no room for. */
    static long refused(Site site) throws IOException {
        String text =
                site.run(
                        site.balancer(),
                        List.of("cat", "/sys/class/net/back/statistics/tx_dropped"));
        return Long.parseLong(text.strip());
    }
}
