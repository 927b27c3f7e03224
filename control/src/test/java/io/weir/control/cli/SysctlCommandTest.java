package io.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.api.ApiServer;
import io.weir.control.api.FakeBalancer;
import io.weir.dataplane.service.Sysctl;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

final class SysctlCommandTest {
    @TempDir private Path directory;

    private final FakeBalancer balancer = new FakeBalancer(0);
    private ApiServer server;
    private String out = "";
    private String err = "";

    @BeforeEach
    void serve() throws IOException {
        server = balancer.serve(directory.resolve("s"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private int sysctl(String... arguments) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addFirst("sysctl");
        words.addAll(List.of("--socket", directory.resolve("s").toString()));
        int exitCode =
                WeirCommand.commandLine(new PrintWriter(output), new PrintWriter(errors))
                        .execute(words.toArray(String[]::new));
        out = output.toString();
        err = errors.toString();
        return exitCode;
    }

    @Test
    void listsAllByName() {
        for (String[] form : new String[][] {{}, {"-a"}, {"net.ipv4.vs"}}) {
            assertThat(sysctl(form)).isZero();
            assertThat(out)
                    .contains("net.ipv4.vs.conn_reuse_mode = 1\n")
                    .contains("net.ipv4.vs.lblc_expiration = 86400\n")
                    .contains("net.ipv4.vs.sync_threshold = 3 50\n");
            assertThat(out.lines().toList()).isSorted().hasSizeGreaterThan(20);
        }
    }

    @Test
    void showsOne() {
        for (String name :
                new String[] {
                    "conn_reuse_mode", "net.ipv4.vs.conn_reuse_mode", "net/ipv4/vs/conn_reuse_mode"
                }) {
            assertThat(sysctl(name)).isZero();
            assertThat(out).isEqualTo("net.ipv4.vs.conn_reuse_mode = 1\n");
        }
        assertThat(sysctl("-n", "conn_reuse_mode", "sync_threshold")).isZero();
        assertThat(out).isEqualTo("1\n3 50\n");
    }

    @Test
    void setsAndShowsWhatWasSet() {
        assertThat(sysctl("conn_reuse_mode=0", "-w", "net.ipv4.vs.sloppy_tcp=1")).isZero();
        assertThat(out).isEqualTo("net.ipv4.vs.conn_reuse_mode = 0\nnet.ipv4.vs.sloppy_tcp = 1\n");
        assertThat(balancer.sysctl(Sysctl.CONN_REUSE_MODE)).isZero();
        assertThat(sysctl("-q", "conn_reuse_mode=2")).isZero();
        assertThat(out).isEmpty();
        assertThat(balancer.sysctl(Sysctl.CONN_REUSE_MODE)).isEqualTo(2);
    }

    @Test
    void setsAllOrNothing() {
        assertThat(sysctl("conn_reuse_mode=0", "sloppy_tcp=7")).isEqualTo(1);
        assertThat(out).isEmpty();
        assertThat(err)
                .isEqualTo(
                        "weir: sloppy_tcp takes a number from 0 to 1, not 7; nothing was"
                                + " changed\n");
        assertThat(balancer.sysctl(Sysctl.CONN_REUSE_MODE)).isEqualTo(1);
    }

    @Test
    void saysWhatIsNotThere() {
        assertThat(sysctl("nothing", "conn_reuse_mode")).isEqualTo(1);
        assertThat(out).isEqualTo("net.ipv4.vs.conn_reuse_mode = 1\n");
        assertThat(err)
                .isEqualTo(
                        "weir: there is no setting net.ipv4.vs.nothing; weir sysctl -a lists"
                                + " them\n");
        assertThat(sysctl("net.ipv4.ip_forward")).isEqualTo(1);
        assertThat(err).contains("is not one of net.ipv4.vs but the kernel's; use sysctl for it");
        assertThat(sysctl("conntrack=1")).isEqualTo(1);
        assertThat(err).startsWith("weir: conntrack stays 0: ").hasLineCount(1);
    }

    @Test
    void loadsFiles() throws IOException {
        Path file = directory.resolve("sysctl.conf");
        Files.writeString(file, "net.ipv4.ip_forward = 1\nnet.ipv4.vs.sloppy_tcp = 1\n");
        assertThat(sysctl("-p", file.toString())).isZero();
        assertThat(out).isEqualTo("net.ipv4.vs.sloppy_tcp = 1\n");
        assertThat(err)
                .isEqualTo(
                        "weir: " + file + ": 1 setting outside net.ipv4.vs left to the kernel\n");
        Files.writeString(file, "sloppy_tcp = 0\n\nnet.ipv4.vs.nothing = 1\n");
        assertThat(sysctl("-p", file.toString())).isEqualTo(1);
        assertThat(err)
                .startsWith("weir: " + file + ":3: net.ipv4.vs.nothing = 1: there is no setting")
                .endsWith("; nothing was changed\n")
                .hasLineCount(1);
        assertThat(balancer.sysctl(Sysctl.SLOPPY_TCP)).isEqualTo(1);
    }

    @Test
    void loadsWhatItLists() throws IOException {
        sysctl("-w", "conn_reuse_mode=2");
        sysctl("-a");
        Path file = Files.writeString(directory.resolve("all"), out);
        String listed = out;
        sysctl("-w", "conn_reuse_mode=1");
        assertThat(sysctl("-p", file.toString())).isZero();
        assertThat(out).isEqualTo(listed);
        assertThat(balancer.sysctl(Sysctl.CONN_REUSE_MODE)).isEqualTo(2);
    }

    @Test
    void aWrongCommandLineIsToldInOneLine() {
        for (String[] wrong :
                new String[][] {{"-a", "conn_reuse_mode"}, {"-w"}, {"-p"}, {"--frobnicate"}}) {
            assertThat(sysctl(wrong)).isEqualTo(2);
            assertThat(err).hasLineCount(1);
        }
        assertThat(sysctl("-w", "conn_reuse_mode")).isEqualTo(1);
        assertThat(err).startsWith("weir: conn_reuse_mode is not of the form NAME=VALUE");
    }
}
