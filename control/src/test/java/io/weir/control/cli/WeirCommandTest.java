package io.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;

final class WeirCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine commandLine =
            WeirCommand.commandLine(new PrintWriter(out), new PrintWriter(err));

    @Test
    void helpGoesToStandardOutput() {
        assertThat(commandLine.execute("--help")).isZero();
        assertThat(out.toString()).startsWith("Usage: weir").contains("Exit codes:");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void versionNamesTheJava() {
        assertThat(commandLine.execute("--version")).isZero();
        assertThat(out.toString())
                .matches("weir .*, Java " + Runtime.version().feature() + ".*\\R");
    }

    @Test
    void noCommandIsAUsageError() {
        assertThat(commandLine.execute()).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("weir: no command given; see weir --help");
    }

    @Test
    void unknownArgumentsAreOneLine() {
        assertThat(commandLine.execute("--frobnicate")).isEqualTo(2);
        assertThat(err.toString()).contains("--frobnicate").hasLineCount(1);
    }

    @Test
    void aCommandFailureIsOneLine() {
        assertThat(fail(new CommandFailure("no interface eth7"))).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines("weir: no interface eth7");
    }

    @Test
    void aDefectShowsWhereItHappened() {
        assertThat(fail(new IllegalStateException("impossible"))).isEqualTo(1);
        assertThat(err.toString()).contains("IllegalStateException", "\tat ");
    }

    private int fail(Exception failure) {
        commandLine.addSubcommand(new Failing(failure)).setErr(new PrintWriter(err));
        return commandLine.execute("fail");
    }

    @Command(name = "fail")
    private record Failing(Exception failure) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw failure;
        }
    }
}
