package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerLoads;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.VirtualService;

import org.junit.jupiter.api.Test;

import java.math.BigInteger;
import java.util.Objects;
import java.util.SplittableRandom;

final class LeastServerTest {
    private static final long MOST_LOAD = Integer.MAX_VALUE;
    private static final int MOST_WEIGHT = 65535;

    @Test
    void numbersOrderLoadsPerWeightAsFractionsDo() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1_000_000; i++) {
            int weight = 1 + random.nextInt(MOST_WEIGHT);
            int otherWeight = 1 + random.nextInt(MOST_WEIGHT);
            long load = random.nextLong(MOST_LOAD + 1) >>> random.nextInt(31);
            // The nearest by the other weight, so that the quotients hardly differ, if at all.
            long near = load * otherWeight / weight + random.nextInt(3) - 1;
            long other = Math.clamp(near, 0, MOST_LOAD);
            assertThat(
                            Long.compare(
                                    LeastServer.perWeight(load, weight),
                                    LeastServer.perWeight(other, otherWeight)))
                    .as("%d/%d and %d/%d", load, weight, other, otherWeight)
                    .isEqualTo(Long.compare(load * otherWeight, other * weight));
        }
    }

    /** Of all quotients by two weights these lie nearest to each other. */
    @Test
    void numbersTellTheNearestQuotientsApart() {
        for (int weight = MOST_WEIGHT; weight > MOST_WEIGHT - 100; weight--) {
            for (int other = weight - 1; other > weight - 100; other--) {
                BigInteger divisor = BigInteger.valueOf(other);
                if (divisor.gcd(BigInteger.valueOf(weight)).equals(BigInteger.ONE)) {
                    long load = divisor.modInverse(BigInteger.valueOf(weight)).longValueExact();
                    long otherLoad = (load * other - 1) / weight;
                    assertThat(LeastServer.perWeight(load, weight))
                            .as("%d/%d and %d/%d", load, weight, otherLoad, other)
                            .isGreaterThan(LeastServer.perWeight(otherLoad, other));
                }
            }
        }
    }

    @Test
    void aTemplateMayOverloadAServerToo() {
        Farm farm = farm();
        RealServer head = farm.service.servers()[0];
        for (RealServer server : farm.service.servers()) {
            server.bindConnection();
        }
        farm.edit(head, Farm.settings(2, 1, 0));
        assertThat(farm.pick()).isEqualTo(2 * ServerIndex.FEWEST);
        head.bindTemplate();
        assertThat(farm.pick()).isEqualTo(2 * ServerIndex.FEWEST - 1);
    }

    @Test
    void knowsWhatItHasNoNumberFor() {
        assertThat(LeastServer.perWeight(MOST_LOAD + 1, 1)).isEqualTo(LeastServer.UNKNOWN);
        assertThat(LeastServer.perWeight(0, MOST_WEIGHT + 1)).isEqualTo(LeastServer.UNKNOWN);
        assertThat(LeastServer.perWeight(MOST_LOAD, 1)).isLessThan(LeastServer.NEVER);
    }

    @Test
    void aServersOtherWorkersCount() {
        ServerLoads loads = new ServerLoads(2);
        ServiceId id = ServiceId.of(ServiceId.TCP, Farm.address("10.1.0.100"), 80);
        VirtualService service =
                new VirtualService(
                        id,
                        ServiceSettings.of(WeightedLeastConnection.NAME),
                        new WeightedLeastConnection());
        RealServer last = null;
        for (int i = 0; i < 2 * ServerIndex.FEWEST; i++) {
            ServerId server = new ServerId(IpAddress.v4(0x0a020001 + i), Farm.PORT);
            service.add(server(id, server, i, loads, 0));
            last = server(id, server, i, loads, 1);
        }
        RealServer head = service.servers()[0];
        assertThat(select(service, 1)).isSameAs(head);
        Objects.requireNonNull(last).bindConnection();
        assertThat(select(service, 2)).isSameAs(service.servers()[1]);
    }

    private static RealServer server(
            ServiceId service, ServerId id, int number, ServerLoads loads, int worker) {
        return new RealServer(
                service, id, number, Farm.settings(1, 0, 0), loads.claim(service, id), worker);
    }

    @Test
    void aServerThatWasTakenOutMayGoOnChanging() {
        Farm farm = farm();
        RealServer gone = farm.service.servers()[0];
        assertThat(farm.pick()).isEqualTo(gone.id().address().v4() & 0xff);
        farm.remove(gone);
        RealServer head = farm.service.servers()[0];
        for (int i = 0; i < 3 * ServerIndex.FEWEST; i++) {
            gone.bindConnection();
            assertThat(farm.pick()).isEqualTo(head.id().address().v4() & 0xff);
        }
    }

    @Test
    void anotherSchedulerTakesOver() {
        Farm farm = farm();
        assertThat(farm.pick()).isEqualTo(2 * ServerIndex.FEWEST);
        farm.service.configure(farm.service.settings(), new LeastConnection());
        RealServer head = farm.service.servers()[0];
        head.bindConnection();
        assertThat(farm.pick()).isEqualTo(2 * ServerIndex.FEWEST - 1);
        head.unbindConnection(false);
        assertThat(farm.pick()).isEqualTo(2 * ServerIndex.FEWEST);
    }

    private static Farm farm() {
        Farm farm = new Farm(WeightedLeastConnection.NAME, 0, new SplittableRandom(1));
        for (int i = 1; i <= 2 * ServerIndex.FEWEST; i++) {
            farm.add("10.2.0." + i, 1);
        }
        return farm;
    }

    private static RealServer select(VirtualService service, long now) {
        FlowKey flow = new FlowKey().setV4(ServiceId.TCP, 1, 2, 3, 80);
        return Objects.requireNonNull(service.scheduler().select(service, flow, now));
    }
}
