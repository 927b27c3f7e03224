package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.spi.Scheduler;
import io.weir.dataplane.spi.SchedulerCatalog;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;
import java.util.Objects;
import java.util.SplittableRandom;

final class SchedulersTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final SplittableRandom random = new SplittableRandom(1);
    private final FlowKey flow = new FlowKey();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf",
                "mh", "twos"
            })
    void picksByNameWithoutAllocating(String name) {
        Farm farm = farm(name);
        assertThat(farm.scheduler().name()).isEqualTo(name);
        assertThat(picked(farm, 20_000)).isPositive();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 5; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            picked(farm, 20_000);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        // Reading the counter may itself allocate a little.
        assertThat(least).as("bytes of 20000 picks").isLessThan(20_000);
    }

    private int picked(Farm farm, int picks) {
        int found = 0;
        for (int i = 0; i < picks; i++) {
            flow.setV4(ServiceId.TCP, i * 7919, i & 0xffff, 0x0a010800 + i % 200, 80);
            found += farm.select(flow, i) != null ? 1 : 0;
        }
        return found;
    }

    private Farm farm(String name) {
        Farm farm = new Farm(name, 3, random);
        farm.add("10.2.0.1", 1);
        farm.add("10.2.0.2", 5);
        farm.add("10.2.0.3", 0);
        farm.add("10.2.0.4", 100);
        return farm;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rr", "wrr", "lc", "lblc", "lblcr", "dh", "sh", "mh", "twos"})
    void takesOverALiveService(String name) {
        Farm farm = farm("wlc");
        Scheduler fresh = new Schedulers().create(name, farm.sysctls, random);
        assertThat(fresh).isNotNull();
        farm.service.configure(farm.service.settings(), fresh);
        SchedulerCatalog.adopt(fresh, farm.service);
        assertThat(picked(farm, 100)).isPositive();
        farm.remove(Objects.requireNonNull(farm.server("10.2.0.2")));
        assertThat(picked(farm, 100)).isPositive();
    }

    @Test
    void hasNothingUnderAnotherName() {
        assertThat(new Schedulers().create("wrr2", new Sysctls(), random)).isNull();
    }
}
