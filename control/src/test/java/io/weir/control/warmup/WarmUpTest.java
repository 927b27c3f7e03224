package io.weir.control.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

final class WarmUpTest {
    private static final ServiceSettings WRR = ServiceSettings.of("wrr");

    private static TrafficPattern pattern(boolean ipv6, int protocol, ForwardingMethod method) {
        int netmask = ipv6 ? 128 : ServiceSettings.WHOLE_ADDRESS;
        ServiceSettings service = new ServiceSettings("wrr", 0, 0, netmask, false, null);
        return new TrafficPattern(ipv6, protocol, service, ServerSettings.of(method, 1));
    }

    @Test
    void everyServiceGetsItsTrafficAndNoPacketIsLost() {
        List<TrafficPattern> patterns = new ArrayList<>();
        for (boolean ipv6 : new boolean[] {false, true}) {
            for (int protocol : new int[] {ServiceId.TCP, ServiceId.UDP}) {
                patterns.add(pattern(ipv6, protocol, ForwardingMethod.MASQUERADE));
                patterns.add(pattern(ipv6, protocol, ForwardingMethod.ROUTE));
                patterns.add(pattern(ipv6, protocol, ForwardingMethod.TUNNEL));
            }
        }
        try (MadeUpNetwork network = new MadeUpNetwork(patterns, true)) {
            for (int i = 0; i < 300; i++) {
                network.exchange();
            }
            List<ServiceListing> services = network.balancer().administration().services();
            assertThat(services).hasSameSizeAs(patterns);
            for (ServiceListing service : services) {
                assertThat(service.counters().inPackets()).as("to %s", service).isPositive();
                boolean translated =
                        service.servers().getFirst().settings().method()
                                == ForwardingMethod.MASQUERADE;
                assertThat(service.counters().outPackets() > 0).isEqualTo(translated);
            }
            Map<DropReason, Long> drops = network.balancer().drops();
            // A connection that was told to have ended may be gone; what it sends next is the
            // host's.
            drops.remove(DropReason.HOST_CONSUMED);
            drops.values().removeIf(count -> count == 0);
            assertThat(drops).isEmpty();
            OffloadStatistics offloaded = network.balancer().offloaded();
            assertThat(offloaded).isNotNull();
            assertThat(Objects.requireNonNull(offloaded).flows()).isPositive();
            assertThat(offloaded.packets()).isPositive();
        }
    }

    @Test
    void withoutOffloadNothingIsHandedOver() {
        try (MadeUpNetwork network = new MadeUpNetwork(TrafficPattern.USUAL, false)) {
            network.exchange();
            assertThat(network.packets()).isPositive();
            assertThat(network.balancer().offloaded()).isNull();
        }
    }

    @Test
    void takesNoLongerThanItMay() {
        long[] now = {5};
        WarmUp.Outcome outcome =
                WarmUp.run(
                        TrafficPattern.USUAL,
                        true,
                        Duration.ofMillis(100),
                        () -> now[0] += 40_000_000);
        assertThat(outcome.elapsed()).isBetween(Duration.ofMillis(100), Duration.ofMillis(140));
        assertThat(outcome.packets()).isPositive();
    }

    @Test
    void endsWhenPacketsDoNotBecomeFaster() {
        long[] now = {5};
        WarmUp.Outcome outcome =
                WarmUp.run(
                        TrafficPattern.USUAL, true, Duration.ofDays(1), () -> now[0] += 50_000_000);
        assertThat(outcome.lastNanos()).isLessThanOrEqualTo(outcome.firstNanos());
    }

    @Test
    void makesTheTrafficOfTheServicesThereAre() {
        ServerSettings heavy =
                new ServerSettings(ForwardingMethod.TUNNEL, 70, 9, 3, TunnelSettings.IPIP);
        ServerSettings light = ServerSettings.of(ForwardingMethod.TUNNEL, 1);
        List<ServiceListing> services =
                List.of(
                        service(ServiceId.of(ServiceId.TCP, IpAddress.v4(1), 80), heavy),
                        service(ServiceId.of(ServiceId.TCP, IpAddress.v4(2), 81), light),
                        service(ServiceId.ofMark(7, true), light),
                        service(ServiceId.of(ServiceId.SCTP, IpAddress.v4(3), 9), light));
        assertThat(TrafficPattern.of(services))
                .containsExactly(
                        new TrafficPattern(false, ServiceId.TCP, WRR, light),
                        new TrafficPattern(true, ServiceId.TCP, WRR, light));
        assertThat(TrafficPattern.of(List.of())).isEqualTo(TrafficPattern.USUAL);
    }

    private static ServiceListing service(ServiceId id, ServerSettings server) {
        CounterSnapshot none = CounterSnapshot.ZERO;
        ServerListing one =
                new ServerListing(new ServerId(IpAddress.v4(9), 80), server, 0, 0, 0, false, none);
        return new ServiceListing(id, WRR, none, List.of(one));
    }
}
