package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.service.ServiceListing;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

final class RestoreTest {
    private static final String RULES =
            """
            -A -t 10.0.0.1:80 -s rr
            -a -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 1
            -a -t 10.0.0.1:80 -r 10.1.0.2:8080 -m -w 2
            """;

    private final RuleTable table = new RuleTable();
    private final Ipvsadm ipvsadm = new Ipvsadm(table, Recording.names());

    private Ipvsadm.Outcome restore(String input, String... options) {
        return ipvsadm.run(Stream.concat(Stream.of("-R"), Stream.of(options)).toList(), input);
    }

    private String saved() {
        return ipvsadm.run(List.of("-S", "-n")).output();
    }

    @Test
    void carriesOutLines() {
        assertThat(restore("\n  ipvsadm\t" + RULES + "\r\n"))
                .isEqualTo(new Ipvsadm.Outcome(0, "", ""));
        assertThat(saved()).isEqualTo(RULES);
    }

    @Test
    void stopsAtALineThatMakesNoSense() {
        assertThat(restore("-A -t 1.1.1.1:1\n# no\n-A -t 1.1.1.1:2\n"))
                .isEqualTo(
                        new Ipvsadm.Outcome(
                                255,
                                "",
                                "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n"));
        assertThat(restore("-A -t 1.1.1.1:3\n-A -t 1.1.1.1\n-A -t 1.1.1.1:4\n"))
                .isEqualTo(
                        new Ipvsadm.Outcome(
                                2, "", "Zero port specified for non-persistent service\n"));
        assertThat(saved()).isEqualTo("-A -t 1.1.1.1:1 -s wlc\n-A -t 1.1.1.1:3 -s wlc\n");
    }

    @Test
    void passesOverRefusedLinesAndUnknownOptionsAsTheOriginal() {
        assertThat(restore("-A -t 1.1.1.1:1\n-A -t 1.1.1.1:1\n-A -t 1.1.1.1:2\n"))
                .isEqualTo(new Ipvsadm.Outcome(0, "", "Service already exists\n"));
        assertThat(restore("-A -t 1.1.1.1:3 -q\n-D -t 1.1.1.1:9\n"))
                .isEqualTo(new Ipvsadm.Outcome(255, "", "-q: unknown option\nNo such service\n"));
        assertThat(saved()).isEqualTo("-A -t 1.1.1.1:1 -s wlc\n-A -t 1.1.1.1:2 -s wlc\n");
    }

    @Test
    void doesNotRestoreInsideARestore() {
        assertThat(restore("-R\n").exitCode()).isEqualTo(255);
    }

    @Test
    void listsInsideARestoreAndStopsAtAMissingService() {
        assertThat(restore("-S\n-L -t 9.9.9.9:9\n-A -t 1.1.1.1:1\n"))
                .isEqualTo(new Ipvsadm.Outcome(1, "", "No such service\n"));
        assertThat(saved()).isEmpty();
    }

    @Test
    void atomicRestoreReadsAllBeforeTheFirstTakesEffect() {
        assertThat(restore(RULES + "\n# comment\n-A -t 1.1.1.1\n", "--atomic"))
                .isEqualTo(
                        new Ipvsadm.Outcome(
                                2,
                                "",
                                "standard input:6: -A -t 1.1.1.1: Zero port specified for"
                                        + " non-persistent service; nothing was changed\n"));
        assertThat(saved()).isEmpty();
    }

    @Test
    void atomicRestoreTakesBackWhatARefusalLeaves() {
        restore(RULES + "--set 100 20 30\n");
        List<ServiceListing> before = table.services();
        String[] changes = {
            "-C\n-A -t 9.9.9.9:9",
            "-E -t 10.0.0.1:80 -s wlc -p 100",
            "-e -t 10.0.0.1:80 -r 10.1.0.1:8080 -m -w 77 -x 3",
            "-d -t 10.0.0.1:80 -r 10.1.0.1:8080",
            "-d -t 10.0.0.1:80 -r 10.1.0.2:8080",
            "-a -t 10.0.0.1:80 -r 10.1.0.3:8080 -m\n-d -t 10.0.0.1:80 -r 10.1.0.1:8080",
            "-D -t 10.0.0.1:80",
            "-D -t 10.0.0.1:80\n-A -t 10.0.0.1:80 -s sh",
            "--set 1 2 3",
            "-A -u 9.9.9.9:9\n-a -u 9.9.9.9:9 -r 1.1.1.1:1 -m"
        };
        for (String change : changes) {
            Ipvsadm.Outcome outcome = restore(change + "\n-A -t 8.8.8.8:8 -s nosuch\n", "--atomic");
            assertThat(outcome.exitCode()).isEqualTo(255);
            assertThat(outcome.errors())
                    .contains("-A -t 8.8.8.8:8 -s nosuch: Scheduler or persistence engine not")
                    .hasLineCount(1);
            assertThat(table.services()).as(change).isEqualTo(before);
            assertThat(table.timeouts().tcp()).isEqualTo(100);
        }
    }

    @Test
    void savesAndRestoresByTheirOwnNames() throws IOException {
        assertThat(program("ipvsadm-restore", "# saved\n" + RULES, List.of())).isEqualTo("0||");
        assertThat(program("ipvsadm-save", "", List.of("-n"))).isEqualTo("0|" + RULES + "|");
        assertThat(program("ipvsadm-save", "", List.of()))
                .contains("-A -t 10.0.0.1:http")
                .contains("-r 10.1.0.1:http-alt");
        assertThat(program("ipvsadm-save", "", List.of("-x"))).startsWith("1||ipvsadm-save");
        assertThat(program("ipvsadm-restore", "-A -t 1.1.1.1:1\n", List.of())).isEqualTo("0||");
        assertThat(saved()).isEqualTo("-A -t 1.1.1.1:1 -s wlc\n");
        assertThat(program("ipvsadm-restore", "-A -t\n", List.of("--atomic")))
                .startsWith("2||standard input:1: -A -t: -t: missing argument");
        assertThat(saved()).isEqualTo("-A -t 1.1.1.1:1 -s wlc\n");
        assertThat(program("ipvsadm-restore", RULES, List.of("--atomic"))).isEqualTo("0||");
        assertThat(saved()).isEqualTo(RULES);
    }

    private String program(String name, String input, List<String> arguments) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int exitCode =
                ipvsadm.run(
                        name,
                        arguments,
                        new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                        output,
                        errors);
        return exitCode
                + "|"
                + output.toString(StandardCharsets.UTF_8)
                + "|"
                + errors.toString(StandardCharsets.UTF_8);
    }

    @Test
    void rulesFilesNameTheLineTheTextAndTheFault() throws RuleScriptException {
        RuleScript.read("rules.conf", "# web\n\n  # more\n" + RULES, Names.NONE).applyTo(table);
        assertThat(saved()).isEqualTo(RULES);
        checkFault("-A -t 1.1.1.1:1\n-A  -t\t1.1.1.1\n", "2: -A -t 1.1.1.1: Zero port");
        checkFault("-L -n\n", "1: -L -n: only -A, -E, -D, -C, -a, -e, -d and --set");
        checkFault("add service\n", "1: add service: a line has to begin with a command");
        checkFault("-A -t\u0007 x\n", "1: -A -t? x: illegal virtual server address");
        checkFault("-A -f 3 -6 -q\n-A -6\n", "1: -A -f 3 -6 -q: -q: unknown option");
        checkFault("-A -6\n", "1: -A -6: -6 used before -f");
        assertThatThrownBy(
                        () ->
                                RuleScript.read("f", "-A -t 10.0.0.1:80\n", Names.NONE)
                                        .applyTo(table))
                .isInstanceOf(RuleScriptException.class)
                .hasMessage("f:1: -A -t 10.0.0.1:80: Service already exists");
    }

    private static void checkFault(String rules, String message) {
        assertThatThrownBy(() -> RuleScript.read("rules.conf", rules, Names.NONE))
                .isInstanceOf(RuleScriptException.class)
                .hasMessageStartingWith("rules.conf:" + message)
                .message()
                .hasLineCount(1);
    }
}
