package io.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.api.ApiServer;
import io.weir.control.api.FakeBalancer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;

final class ProcCommandTest {
    @TempDir private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int proc(Writer output, int connections, String name) throws IOException {
        Path socket = directory.resolve("s");
        try (ApiServer _ = new FakeBalancer(connections).serve(socket)) {
            return WeirCommand.commandLine(new PrintWriter(output), new PrintWriter(err))
                    .execute("proc", name, "--socket", socket.toString());
        }
    }

    @Test
    void printsAFile() throws IOException {
        assertThat(proc(out, 50_000, "ip_vs_conn")).isZero();
        assertThat(out.toString()).startsWith("Pro FromIP").hasLineCount(50_001);
    }

    @Test
    void takesTheNameAsAPath() throws IOException {
        assertThat(proc(out, 0, "/proc/net/ip_vs")).isZero();
        assertThat(out.toString()).startsWith("IP Virtual Server version 1.2.1 (size=1048576)\n");
    }

    @Test
    void namesTheFilesThereAre() throws IOException {
        assertThat(proc(out, 0, "ip_vs_connections")).isEqualTo(2);
        assertThat(err.toString())
                .startsWith("weir: IPVS has no file ip_vs_connections, but ip_vs, ip_vs_conn,")
                .hasLineCount(1);
    }

    @Test
    void endsInSilenceWhenNobodyReads() throws IOException {
        Writer closed =
                new Writer() {
                    private int taken;

                    @Override
                    public void write(char[] text, int offset, int length) throws IOException {
                        taken += length;
                        if (taken > 100_000) {
                            throw new IOException("Broken pipe");
                        }
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        assertThat(proc(closed, 50_000, "ip_vs_conn")).isZero();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void saysThatThereIsNoDaemon() {
        int exitCode =
                WeirCommand.commandLine(new PrintWriter(out), new PrintWriter(err))
                        .execute("proc", "ip_vs", "--socket", directory + "/none");
        assertThat(exitCode).isEqualTo(1);
        assertThat(err.toString()).startsWith("weir: no weir daemon listens on ").hasLineCount(1);
    }
}
