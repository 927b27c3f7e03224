package io.weir.control.sysctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

final class SysctlScriptTest {
    @TempDir private Path directory;

    private final Sysctls settings = new Sysctls();

    private SysctlScript apply(String text) throws SysctlException {
        SysctlScript script = SysctlScript.read("f", text);
        script.applyTo(settings::set);
        return script;
    }

    private static void refused(String text, String complaint) {
        assertThatThrownBy(() -> SysctlScript.read("/etc/vs.conf", text))
                .isInstanceOf(SysctlException.class)
                .hasMessageStartingWith(complaint)
                .message()
                .hasLineCount(1);
    }

    @Test
    void readsAFileAsSysctlDoes() throws SysctlException {
        SysctlScript script =
                apply(
                        """
                        # a comment
                          ; another

                        net.ipv4.vs.conn_reuse_mode=0
                        net/ipv4/vs/expire_nodest_conn = 1
                          /proc/sys/net/ipv4/vs/sloppy_tcp =\t1
                        nat_icmp_send = 1
                        nat_icmp_send = 0
                        """);
        assertThat(script.assignments()).hasSize(5);
        assertThat(settings.get(Sysctl.CONN_REUSE_MODE)).isZero();
        assertThat(settings.get(Sysctl.EXPIRE_NODEST_CONN)).isEqualTo(1);
        assertThat(settings.get(Sysctl.SLOPPY_TCP)).isEqualTo(1);
        assertThat(settings.get(Sysctl.NAT_ICMP_SEND)).isZero();
    }

    @Test
    void leavesToTheKernelWhatIsTheKernels() throws SysctlException {
        SysctlScript script =
                apply(
                        """
                        net.ipv4.ip_forward = 1
                        -net.ipv4.conf.*.rp_filter = 0
                        net/ipv4/conf/eth0.1/arp_ignore = 1
                        net.ipv4.vsx.conn_reuse_mode = 0
                        vm.swappiness
                        net.ipv4.vs.conn_reuse_mode = 3
                        """);
        assertThat(script.foreign()).isEqualTo(5);
        assertThat(settings.get(Sysctl.CONN_REUSE_MODE)).isEqualTo(3);
        assertThat(SysctlFile.foreignNote("f", script))
                .isEqualTo("f: 5 settings outside net.ipv4.vs left to the kernel");
    }

    @Test
    void aDashForgives() throws SysctlException {
        apply(
                """
                -net.ipv4.vs.no_such_setting = 1
                -net.ipv4.vs.conn_reuse_mode = 77
                -net.ipv4.vs.debug_level
                - net.ipv4.vs.sloppy_tcp = 1
                """);
        assertThat(settings.get(Sysctl.CONN_REUSE_MODE)).isEqualTo(1);
        assertThat(settings.get(Sysctl.SLOPPY_TCP)).isEqualTo(1);
    }

    @Test
    void setsTwoNumbersAtOnce() throws SysctlException {
        apply("net.ipv4.vs.sync_threshold = 7\t90\n");
        assertThat(settings.syncThreshold()).isEqualTo(7);
        assertThat(settings.syncPeriod()).isEqualTo(90);
    }

    @Test
    void takesTheDefaultsOfWhatCannotBeSet() throws SysctlException {
        apply("net.ipv4.vs.backup_only = 0\nnet.ipv4.vs.conntrack = 0\n");
    }

    @Test
    void namesFileLineAndFault() {
        refused(
                "\n#\nnet.ipv4.vs.conn_reuse_mode = 4",
                "/etc/vs.conf:3: net.ipv4.vs.conn_reuse_mode = 4: conn_reuse_mode takes a number"
                        + " from 0 to 3, not 4; leave the line out");
        refused(
                "net.ipv4.vs.conntrack = 1",
                "/etc/vs.conf:1: net.ipv4.vs.conntrack = 1: conntrack stays 0: ");
        refused("no_such = 1", "/etc/vs.conf:1: no_such = 1: there is no setting no_such");
        refused("net.ipv4.vs.sloppy_tcp", "/etc/vs.conf:1: net.ipv4.vs.sloppy_tcp: a line has to");
        refused("= 1", "/etc/vs.conf:1: = 1: there is no setting");
        refused("sloppy_tcp = 99999999999", "/etc/vs.conf:1: sloppy_tcp = 99999999999: ");
        refused("sloppy_tcp =", "/etc/vs.conf:1: sloppy_tcp =: ");
        refused("\u001b[2J" + "x".repeat(1000), "/etc/vs.conf:1: ?[2Jxxx");
    }

    @Test
    void readsWordsOfACommandLine() throws SysctlException {
        SysctlScript script = SysctlScript.empty();
        script.add("conn_reuse_mode=0");
        script.add("net.ipv4.vs.sloppy_tcp = 1");
        script.applyTo(settings::set);
        assertThat(settings.get(Sysctl.CONN_REUSE_MODE)).isZero();
        assertThat(settings.get(Sysctl.SLOPPY_TCP)).isEqualTo(1);
        for (String bad :
                new String[] {"sloppy_tcp", "=1", "sloppy_tcp=2", "net.ipv4.ip_forward=1"}) {
            assertThatThrownBy(() -> script.add(bad)).isInstanceOf(SysctlException.class);
        }
    }

    @Test
    void readsAFileWithCommentsInAnyCharset() throws Exception {
        Path file = directory.resolve("sysctl.conf");
        Files.write(
                file,
                "# f\u00fcr uns\nnet.ipv4.vs.sloppy_tcp = 1\n"
                        .getBytes(StandardCharsets.ISO_8859_1));
        SysctlFile.read(file).applyTo(settings::set);
        assertThat(settings.get(Sysctl.SLOPPY_TCP)).isEqualTo(1);
    }

    @Test
    void saysWhichFileCannotBeRead() throws IOException {
        assertThatThrownBy(() -> SysctlFile.read(directory.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessage("settings file " + directory + "/none does not exist");
        assertThatThrownBy(() -> SysctlFile.read(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory.toString());
        Path large = Files.write(directory.resolve("l"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> SysctlFile.read(large))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is longer than 1048576 bytes");
    }
}
