package io.weir.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;

class SysctlTest {
    @Test
    void acceptsItsRangeAndSaysItOtherwise() {
        assertThat(Sysctl.refusal("conn_reuse_mode", "3")).isNull();
        assertThat(Sysctl.refusal("conn_reuse_mode", " 0 ")).isNull();
        assertThat(Sysctl.refusal("conn_reuse_mode", "4"))
                .isEqualTo("conn_reuse_mode takes a number from 0 to 3, not 4");
        assertThat(Sysctl.refusal("sloppy_tcp", "on"))
                .isEqualTo("sloppy_tcp takes a number from 0 to 1, not on");
        assertThat(Sysctl.refusal("sloppy_tcp", "")).isNotNull();
    }

    @Test
    void acceptsTheValueThatAFixedSettingHas() {
        assertThat(Sysctl.refusal("conntrack", "0")).isNull();
        assertThat(Sysctl.refusal("sync_threshold", "3\t50")).isNull();
        assertThat(Sysctl.refusal("conntrack", "1"))
                .isEqualTo(
                        "conntrack stays 0: balanced packets do not pass the host's connection"
                                + " tracking, which cannot be told of them");
    }

    @Test
    void saysThatThereIsNoSuchSetting() {
        assertThat(Sysctl.refusal("ip_forward", "1")).isEqualTo("there is no setting ip_forward");
    }

    @Test
    void eachNameIsThereOnceAndAcceptsItsDefault() {
        Set<String> names = new HashSet<>();
        for (Sysctl sysctl : Sysctl.values()) {
            String name = sysctl.kernelName();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(Sysctl.refusal(name, String.valueOf(sysctl.defaultValue()))).isNull();
        }
        for (FixedSysctl sysctl : FixedSysctl.values()) {
            String name = sysctl.kernelName();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(Sysctl.refusal(name, sysctl.value())).isNull();
            assertThat(Sysctl.refusal(name, "77")).startsWith(name + " stays ");
        }
    }
}
