package io.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

final class ReplayCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    void aScenarioThatCannotBeReadDoesNotStopTheOthers() throws Exception {
        Path good = Files.createDirectory(folder.resolve("good"));
        Files.writeString(good.resolve("rules"), "-A -t 10.1.0.100:80 -s rr\n");
        Files.writeString(good.resolve("topology.json"), "{\"interfaces\":[]}");
        Files.writeString(good.resolve("events.jsonl"), "{\"t\":0.1,\"op\":\"list\"}\n");
        Path absent = folder.resolve("absent");

        assertThat(run("--out", folder + "/out", absent.toString(), good.toString())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "weir: " + absent.resolve("topology.json") + ": no such file");
        assertThat(out.toString()).startsWith("good: 0 frames in, 0 out");
        assertThat(folder.resolve("out/good/events.jsonl"))
                .content()
                .contains("TCP  10.1.0.100:80 rr");
        assertThat(folder.resolve("out/good/final.txt")).content().startsWith("# ipvsadm -Ln\n");
    }

    @Test
    void scenariosOfOneNameAreRefused() {
        assertThat(run("--out", folder + "/out", "a/x", "b/x")).isEqualTo(1);
        assertThat(err.toString()).contains("a/x and b/x would both be written to");
    }

    @Test
    void aMissingCaptureIsOneLine() throws Exception {
        Path rules = Files.writeString(folder.resolve("rules"), "-A -t 10.1.0.100:80 -s rr\n");
        String file = folder + "/none.pcap";
        assertThat(run("--rules", rules.toString(), "--in", "a=" + file, "--out", folder + "/out"))
                .isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines("weir: " + file + ": no such file");
    }

    @Test
    void aFileThatIsNoCaptureIsOneLine() throws Exception {
        Path rules = Files.writeString(folder.resolve("rules"), "-A -t 10.1.0.100:80 -s rr\n");
        assertThat(run("--rules", rules.toString(), "--in", "a=" + rules, "--out", folder + "/out"))
                .isEqualTo(1);
        assertThat(err.toString())
                .startsWith("weir: " + rules + ": ")
                .contains("neither a pcap nor a pcapng file")
                .hasLineCount(1);
    }

    @Test
    void halfACommandLineIsAUsageError() {
        assertThat(run("--out", folder + "/out", "--rules", "r")).isEqualTo(2);
        assertThat(err.toString()).contains("--in IF=FILE").hasLineCount(1);
    }

    @Test
    void anInputWithoutInterfaceIsAUsageError() {
        assertThat(run("--out", folder + "/out", "--rules", "r", "--in", "x.pcap")).isEqualTo(2);
        assertThat(err.toString()).contains("--in x.pcap is not of the form IF=FILE");
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "replay";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return WeirCommand.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(all);
    }
}
