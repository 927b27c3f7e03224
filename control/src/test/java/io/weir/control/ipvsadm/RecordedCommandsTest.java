package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.RuleResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What ipvsadm 1.31 was recorded to answer to command lines. */
final class RecordedCommandsTest {
    private static final String ACCEPTED = "(accepted)\n";

    static List<Recording.Case> commands() {
        return Recording.cases(
                Recording.lines("recorded-commands.txt").stream()
                        .filter(line -> !line.startsWith("#"))
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void asksAndAnswersAsRecorded(Recording.Case recorded) {
        RequestLog kernel = new RequestLog(RuleResult.DONE);
        Ipvsadm.Outcome outcome = new Ipvsadm(kernel, Recording.names()).run(recorded.arguments());
        assertThat(outcome)
                .isEqualTo(
                        new Ipvsadm.Outcome(
                                recorded.exitCode(), recorded.output(), recorded.errors()));
        assertThat(kernel.requests()).isEqualTo(recorded.requests());
    }

    /** The recorder's kernel took commands by socket options, which know IPv4 alone. */
    static Stream<Recording.Case> commandsWithoutRefusal() {
        return referenceCases(null).filter(recorded -> !recorded.toString().contains("-daemon"));
    }

    @ParameterizedTest
    @MethodSource("commandsWithoutRefusal")
    void answersAsTheReference(Recording.Case recorded) {
        checkReference(recorded, RequestLog.ofSocketOptions());
    }

    private static void checkReference(Recording.Case recorded, RequestLog kernel) {
        Ipvsadm.Outcome outcome = new Ipvsadm(kernel, Recording.names()).run(recorded.arguments());
        String printed = outcome.output() + outcome.errors();
        assertThat(printed.isEmpty() ? ACCEPTED : printed).isEqualTo(recorded.output());
        assertThat(outcome.exitCode()).isEqualTo(recorded.exitCode());
    }

    private static void checkRefusals(String errno, RuleResult... results) {
        List<Recording.Case> cases =
                referenceCases(errno)
                        .filter(recorded -> !recorded.toString().contains("-daemon"))
                        .toList();
        assertThat(cases).hasSize(6);
        for (RuleResult result : results) {
            for (Recording.Case recorded : cases) {
                checkReference(recorded, new RequestLog(result));
            }
        }
    }

    // EPERM, ENOPROTOOPT, EOPNOTSUPP and unknown numbers are in the reference too, but no change
    // of weir's rules can end with them.
    @Test
    void wordsRefusalsAsTheReference() {
        checkRefusals("2", RuleResult.NO_SCHEDULER, RuleResult.NO_SERVER);
        checkRefusals("3", RuleResult.NO_SERVICE);
        checkRefusals("12", RuleResult.TOO_MANY);
        checkRefusals("17", RuleResult.SERVICE_EXISTS, RuleResult.SERVER_EXISTS);
        checkRefusals("22", RuleResult.INVALID);
    }

    /** The cases of one section of the reference; those before the first section for null. */
    private static Stream<Recording.Case> referenceCases(String errno) {
        List<Recording.Case> cases = new ArrayList<>();
        String section = null;
        List<String> arguments = List.of();
        StringBuilder printed = new StringBuilder();
        for (String line : Recording.lines("ipvsadm-1.31-errors.txt")) {
            if (line.startsWith("=== kernel errno ")) {
                section = line.substring("=== kernel errno ".length());
            } else if (line.startsWith("$ ipvsadm")) {
                arguments = List.of(line.substring("$ ipvsadm ".length()).split(" ", -1));
                printed.setLength(0);
            } else if (line.startsWith("   rc=")) {
                int exitCode = Integer.parseInt(line.substring("   rc=".length()));
                if (errno == null ? section == null : errno.equals(section)) {
                    cases.add(
                            new Recording.Case(
                                    arguments, printed.toString(), "", exitCode, List.of()));
                }
            } else {
                printed.append(line).append('\n');
            }
        }
        return cases.stream();
    }

    @Test
    void theReferenceIsReadAsAWhole() {
        assertThat(referenceCases(null)).hasSize(67);
        assertThat(commands()).hasSizeGreaterThan(500);
    }

    @Test
    void daemonsAreCheckedAsTheReferenceDoes() {
        List<Recording.Case> cases =
                referenceCases(null).filter(c -> c.toString().contains("-daemon")).toList();
        assertThat(cases).hasSizeGreaterThan(5);
        for (Recording.Case recorded : cases) {
            RuleTable table = new RuleTable();
            new Ipvsadm(table, Names.NONE).run(List.of("--start-daemon", "backup"));
            Ipvsadm.Outcome outcome = new Ipvsadm(table, Names.NONE).run(recorded.arguments());
            String printed = outcome.output() + outcome.errors();
            assertThat(printed.isEmpty() ? ACCEPTED : printed).isEqualTo(recorded.output());
            assertThat(outcome.exitCode()).isEqualTo(recorded.exitCode());
        }
    }

    /** The texts are those of daemon-errors-1 and daemon-opts-3. */
    @Test
    void daemonsAreStartedListedAndStopped() {
        Ipvsadm ipvsadm = new Ipvsadm(new RuleTable(), Names.NONE);
        assertThat(run(ipvsadm, "--start-daemon master --mcast-interface eth1 --syncid 1"))
                .isEqualTo(new Ipvsadm.Outcome(0, "", ""));
        assertThat(run(ipvsadm, "--start-daemon master --mcast-interface eth1 --syncid 2"))
                .isEqualTo(new Ipvsadm.Outcome(255, "", "Daemon has already run\n"));
        assertThat(run(ipvsadm, "--start-daemon backup --mcast-interface nope"))
                .isEqualTo(new Ipvsadm.Outcome(255, "", "No such device\n"));
        assertThat(
                        run(
                                ipvsadm,
                                "--start-daemon backup --syncid 24 --mcast-group ff05::81"
                                        + " --mcast-port 7777 --mcast-ttl 3 --sync-maxlen 1300"))
                .isEqualTo(new Ipvsadm.Outcome(0, "", ""));
        assertThat(run(ipvsadm, "-ln --daemon").output())
                .isEqualTo(
                        """
                        master sync daemon (mcast=eth1, syncid=1, maxlen=1472, group=224.0.0.81, \
                        port=8848, ttl=1)
                        backup sync daemon (mcast=eth0, syncid=24, maxlen=1300, group=ff05::81, \
                        port=7777, ttl=3)
                        """);
        assertThat(run(ipvsadm, "--stop-daemon master --syncid 1").exitCode()).isZero();
        assertThat(run(ipvsadm, "--stop-daemon master"))
                .isEqualTo(new Ipvsadm.Outcome(255, "", "No daemon is running\n"));
        assertThat(run(ipvsadm, "-L --daemon").output().lines()).hasSize(1);
    }

    private static Ipvsadm.Outcome run(Ipvsadm ipvsadm, String arguments) {
        return ipvsadm.run(List.of(arguments.split(" ")));
    }

    @Test
    void helpNamesEveryOption() {
        String help = new Ipvsadm(new RuleTable(), Names.NONE).run(List.of("-h")).output();
        for (Option option : Option.values()) {
            if (option != Option.SERVICE && option != Option.FORWARDING) {
                assertThat(help).contains("--" + option.label());
            }
        }
    }
}
