package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** What cannot be is refused in one line that says where and what to do. */
final class InstanceRulesTest {
    private static Instances one() {
        return Instances.of("vr", 51, "10.9.0.100");
    }

    private static String violation(Instances... instances) {
        List<VrrpInstanceConfig> built = new ArrayList<>();
        for (Instances instance : instances) {
            built.add(instance.build());
        }
        return InstanceRules.violation(built, List.of());
    }

    @Test
    void allowsWhatCanBe() {
        assertThat(violation(one(), Instances.of("six", 51, "fe80::1", "fd00::1"))).isNull();
        assertThat(violation(one().version(2).password("secret").millis(255_000))).isNull();
        assertThat(violation(one().millis(10), Instances.of("b", 51, "10.9.1.1").device("eth1")))
                .isNull();
        assertThat(violation(one().millis(40_950).priority(255).unlisted("fd00::1"))).isNull();
    }

    @Test
    void refusesWhatCannot() {
        assertThat(violation(one().version(4))).startsWith("VRRP instance vr: version 4");
        assertThat(violation(Instances.of("vr", 1, "fd00::1").version(2))).contains("no IPv6");
        assertThat(violation(Instances.of("vr", 0, "10.9.0.1"))).contains("1 to 255");
        assertThat(violation(one().priority(0))).contains("1 to 255");
        assertThat(violation(one().version(2).millis(500))).contains("whole seconds");
        assertThat(violation(one().version(2).millis(256_000))).contains("whole seconds");
        assertThat(violation(one().millis(15))).contains("steps of 10 ms");
        assertThat(violation(one().millis(40_960))).contains("10 ms to 40.95 s");
        assertThat(violation(one().password("x"))).contains("version 3 has no password");
        assertThat(violation(one().version(2).password(""))).contains("empty");
        assertThat(violation(one().peers("fd00::1"))).contains("other family");
        assertThat(violation(one().source("10.9.0.1").peers("10.9.0.1"))).contains("itself");
        assertThat(violation(Instances.of("vr", 1))).contains("no virtual address");
        assertThat(violation(one(), one())).contains("used twice");
        assertThat(violation(one(), Instances.of("b", 51, "10.9.0.101")))
                .contains("virtual router id 51 is vr's on eth0");
        assertThat(violation(one(), Instances.of("b", 52, "10.9.0.100"))).contains("listed twice");
        String[] many = IntStream.range(0, 100).mapToObj(i -> "fd00::" + i).toArray(String[]::new);
        assertThat(violation(Instances.of("vr", 1, many))).contains("do not fit");
    }

    @Test
    void refusesGroupsOfNothing() {
        List<VrrpInstanceConfig> instances = List.of(one().build());
        assertThat(
                        InstanceRules.violation(
                                instances, List.of(new SyncGroupConfig("g", List.of("other")))))
                .isEqualTo("VRRP sync group g: there is no instance other");
        assertThat(InstanceRules.violation(instances, List.of(new SyncGroupConfig("g", List.of()))))
                .contains("no instance");
        assertThat(
                        InstanceRules.violation(
                                instances,
                                List.of(
                                        new SyncGroupConfig("g", List.of("vr")),
                                        new SyncGroupConfig("h", List.of("vr")))))
                .contains("vr is in group g already");
    }
}
