package io.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.api.ApiServer;
import io.weir.control.api.FakeBalancer;

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

final class MarkCommandTest {
    @TempDir private Path directory;

    private ApiServer server;
    private StringWriter out;
    private StringWriter err;

    @BeforeEach
    void serve() throws IOException {
        server = new FakeBalancer(0).serve(directory.resolve("s"));
    }

    @AfterEach
    void end() {
        server.close();
    }

    private int mark(String... arguments) {
        List<String> all = new ArrayList<>(List.of("mark"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--socket", directory.resolve("s").toString()));
        out = new StringWriter();
        err = new StringWriter();
        return WeirCommand.commandLine(new PrintWriter(out), new PrintWriter(err))
                .execute(all.toArray(String[]::new));
    }

    private String rules() {
        assertThat(mark("list")).isZero();
        return out.toString();
    }

    @Test
    void addsDeletesAndFlushes() {
        assertThat(mark("add", "tcp", "to", "10.1.0.100", "port", "80,443", "mark", "80")).isZero();
        assertThat(mark("add", "udp to 10.1.0.100 port 53 mark 0x1/0xf")).isZero();
        assertThat(rules())
                .isEqualTo(
                        """
                        tcp to 10.1.0.100 port 80 mark 80
                        tcp to 10.1.0.100 port 443 mark 80
                        udp to 10.1.0.100 port 53 mark 0x1/0xf
                        """);
        assertThat(mark("delete", "tcp", "to", "10.1.0.100", "port", "80", "mark", "80")).isZero();
        assertThat(mark()).isZero();
        assertThat(out.toString()).startsWith("tcp to 10.1.0.100 port 443 mark 80\n");
        assertThat(mark("flush")).isZero();
        assertThat(rules()).isEmpty();
    }

    @Test
    void replacesAllRulesByAFileOrNone() throws IOException {
        Path file = directory.resolve("marks");
        Files.writeString(file, "tcp to 10.1.0.100 port 21 mark 21\n");
        assertThat(mark("replace", file.toString())).isZero();
        Files.writeString(
                file, "*mangle\n-A PREROUTING -p tcp -j MARK --set-mark 1\n-A PREROUTING -j LOG\n");
        assertThat(mark("replace", file.toString())).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("weir: " + file + ":3: -A PREROUTING -j LOG: weir cannot honour -j LOG")
                .hasLineCount(1);
        assertThat(rules()).isEqualTo("tcp to 10.1.0.100 port 21 mark 21\n");
        assertThat(mark("replace", directory.resolve("none").toString())).isEqualTo(1);
        assertThat(err.toString()).endsWith("cannot be read: does not exist\n");
    }

    @Test
    void aWrongRuleIsToldOnOneLine() {
        assertThat(mark("add", "tcp", "to", "nowhere", "mark", "1")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo(
                        "weir: rule:1: tcp to nowhere mark 1: nowhere is not an IP address or a"
                                + " prefix; names are not resolved\n");
        assertThat(mark("delete", "tcp to 10.1.0.100 mark 1")).isEqualTo(1);
        assertThat(err.toString()).contains("there is no rule \"tcp to 10.1.0.100 mark 1\"");
    }

    @Test
    void moreRulesThanThereCanBeAreRefused() throws IOException {
        Path file = directory.resolve("marks");
        Files.writeString(file, "tcp to 10.1.0.100 mark 1\n".repeat(1024));
        assertThat(mark("replace", file.toString())).isZero();
        assertThat(mark("add", "tcp to 10.1.0.100 mark 2")).isEqualTo(1);
        assertThat(err.toString()).contains("there can be 1024 mark rules, not 1025");
        assertThat(rules()).hasLineCount(1024).doesNotContain("mark 2");
    }
}
