package io.weir.dataplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;
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
        assertThat(Sysctl.refusal("conntrack", "1"))
                .isEqualTo(
                        "conntrack stays 0: balanced packets do not pass the host's connection"
                                + " tracking, which cannot be told of them");
    }

    /** The kernel's answers (recorded: daemon-sysctls-1). */
    @Test
    void takesAndRefusesWhatTheKernelDoes() {
        for (String taken :
                List.of("3 50", "0 0", "0 3", "0\t1", "2147483647 0", "1 2 3", "  5   7 ")) {
            assertThat(Sysctl.refusal("sync_threshold", taken)).as(taken).isNull();
        }
        for (String refused :
                List.of("5 3", "3 3", "-1 3", "3 -1", "7", "x", "", "3 x", "2147483648 0")) {
            assertThat(Sysctl.refusal("sync_threshold", refused)).as(refused).isNotNull();
        }
        assertThat(Sysctl.refusal("sync_threshold", "3 3"))
                .isEqualTo(
                        "sync_threshold takes two numbers, a threshold and a period that is 0 or"
                                + " more than it, not 3 3");
        taken("sync_ports", "1", "2", "4", "8", "16", "32", "64");
        refused("sync_ports", "0", "-1", "3", "65", "1000");
        taken("sync_refresh_period", "0", "10", "-1", "1000000");
        refused("sync_refresh_period", "4294967295");
        taken("sync_retries", "0", "3");
        refused("sync_retries", "4", "-1", "8");
        taken("sync_version", "0", "1");
        refused("sync_version", "2", "-1");
        taken("sync_persist_mode", "0", "2", "-1");
        taken("sync_qlen_max", "0", "1000");
        refused("sync_qlen_max", "-5");
        taken("sync_sock_size", "0", "100000", "-5");
    }

    private static void taken(String name, String... values) {
        for (String value : values) {
            assertThat(Sysctl.refusal(name, value)).as(name + " " + value).isNull();
        }
    }

    private static void refused(String name, String... values) {
        for (String value : values) {
            assertThat(Sysctl.refusal(name, value)).as(name + " " + value).startsWith(name);
        }
    }

    @Test
    void keepsBothNumbersOfAPair() {
        Sysctls sysctls = new Sysctls();
        assertThat(sysctls.syncThreshold()).isEqualTo(3);
        assertThat(sysctls.syncPeriod()).isEqualTo(50);
        assertThat(sysctls.set(Sysctl.SYNC_THRESHOLD, Sysctl.pair(Integer.MAX_VALUE, 0))).isTrue();
        assertThat(sysctls.syncThreshold()).isEqualTo(Integer.MAX_VALUE);
        assertThat(sysctls.syncPeriod()).isZero();
        assertThat(Sysctl.SYNC_THRESHOLD.text(sysctls.value(Sysctl.SYNC_THRESHOLD)))
                .isEqualTo("2147483647 0");
        assertThat(sysctls.set(Sysctl.SYNC_THRESHOLD, Sysctl.pair(2, 2))).isFalse();
    }

    @Test
    void aPairHasSettingsOfItsOwnWhereNobodySetOthers() {
        Sysctls sysctls = new Sysctls();
        sysctls.set(Sysctl.SYNC_DELAY, 100);
        PairSettings.applyTo(sysctls);
        assertThat(sysctls.get(Sysctl.SYNC_DELAY)).isEqualTo(100);
        assertThat(sysctls.get(Sysctl.SYNC_ESTABLISHED)).isEqualTo(1);
        assertThat(sysctls.get(Sysctl.SYNC_RESYNC)).isEqualTo(1);
        assertThat(sysctls.get(Sysctl.SYNC_REFRESH_PERIOD)).isEqualTo(60);
        assertThat(sysctls.syncThreshold()).isEqualTo(3);
        assertThat(sysctls.syncPeriod()).isZero();
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
            assertThat(Sysctl.refusal(name, sysctl.text(sysctl.defaultValue()))).isNull();
        }
        for (FixedSysctl sysctl : FixedSysctl.values()) {
            String name = sysctl.kernelName();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(Sysctl.refusal(name, sysctl.value())).isNull();
            assertThat(Sysctl.refusal(name, "77")).startsWith(name + " stays ");
        }
    }
}
