package io.weir.control.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Two balancers synchronise their connections as two Linux kernels did: they send the same entries
 * in the same order, take the same, and list the same connections, servers and daemons.
 *
 * <p>Not compared is what varies between two recordings: times, how entries are packed into
 * datagrams, source ports and IP identifications, the port where several are in use, and the
 * sequence numbers that the kernel's version 1 sends from uninitialised memory.
 */
final class RecordedSyncTest {
    /**
     * final.txt was read after the last wait, but by how much depended on how busy the recorder
     * was.
     */
    private static final int MOST_LATE = 60;

    /** The listings of a final.txt were read one after the other, over some seconds. */
    private static final int SOON = 30;

    private static final List<String> AGREEING = new ArrayList<>();
    private static Recordings recordings;

    @TempDir private Path output;

    @BeforeAll
    static void openRecordings() throws Exception {
        recordings = Recordings.openSync();
    }

    @AfterAll
    static void closeRecordings() throws Exception {
        System.out.println(
                AGREEING.size() + " of " + recordings.names().size() + " sync scenarios agree");
        recordings.close();
    }

    static List<String> scenarios() throws Exception {
        try (Recordings archive = Recordings.openSync()) {
            return archive.names();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("scenarios")
    void agreesWithTheKernels(String name) throws Exception {
        Path scenario = recordings.scenario(name);
        new ScenarioReplay(scenario).run(output);
        SyncTrace kernel = SyncTrace.read(scenario);
        List<String> differences = differences(name, kernel, SyncTrace.read(output));
        assertThat(differences).as(name).isEmpty();
        AGREEING.add(name);
    }

    private static List<String> differences(String name, SyncTrace kernel, SyncTrace weir) {
        List<String> differences = new ArrayList<>();
        compareSent(kernel, weir, differences);
        if (kernel.steps().size() != weir.steps().size()) {
            differences.add(
                    "%d steps, not %d".formatted(kernel.steps().size(), weir.steps().size()));
            return differences;
        }
        Set<String> unsteady = new TreeSet<>();
        for (int i = 0; i < kernel.steps().size(); i++) {
            compare(kernel.steps().get(i), weir.steps().get(i), unsteady, differences);
        }
        compareFinal(kernel, weir, differences);
        return SyncDifference.without(name, differences);
    }

    private static void compareSent(SyncTrace kernel, SyncTrace weir, List<String> differences) {
        Set<String> daemons = new TreeSet<>(kernel.sent().keySet());
        daemons.addAll(weir.sent().keySet());
        for (String daemon : daemons) {
            List<String> expected = kernel.sent().getOrDefault(daemon, List.of());
            List<String> actual = weir.sent().getOrDefault(daemon, List.of());
            for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
                String kernels = i < expected.size() ? expected.get(i) : "nothing";
                String weirs = i < actual.size() ? actual.get(i) : "nothing";
                if (!kernels.equals(weirs)) {
                    differences.add(
                            "sent %s, %d: %s, not %s".formatted(daemon, i + 1, kernels, weirs));
                    if (expected.size() != actual.size()) {
                        break;
                    }
                }
            }
        }
    }

    private static void compare(
            SyncTrace.Step kernel, SyncTrace.Step weir, Set<String> unsteady, List<String> into) {
        if (!SyncDifference.sameFrames(kernel.out(), weir.out())) {
            into.add(kernel + ": frames %s, not %s".formatted(kernel.out(), weir.out()));
        }
        switch (kernel.operation()) {
            case "inject" -> {
                same(kernel + ": new", kernel.changed("new"), weir.changed("new"), into);
                same(kernel + ": gone", replaced(kernel), replaced(weir), into);
            }
            case "conns" -> {
                List<ListedConnection> weirs = ListedConnection.read(weir.text("text"));
                ListedConnection.differences(ListedConnection.read(kernel.text("text")), weirs, 0)
                        .forEach(difference -> into.add(kernel + ": " + difference));
                unsteady.remove(kernel.text("side"));
                if (weirs.stream().anyMatch(row -> row.endsWithin(1))) {
                    unsteady.add(kernel.text("side"));
                }
            }
            case "list" -> {
                // The kernel's timers may already have taken from the counts what is due.
                if (!unsteady.contains(kernel.text("side"))) {
                    same(kernel.toString(), rows(kernel), rows(weir), into);
                }
            }
            case "daemon" -> same(kernel.toString(), rows(kernel), rows(weir), into);
            case "ipvsadm" -> {
                same(kernel.toString(), kernel.text("rc"), weir.text("rc"), into);
                same(kernel.toString(), kernel.text("err"), weir.text("err"), into);
            }
            case "sysctl" -> {
                same(kernel.toString(), kernel.text("now"), weir.text("now"), into);
                boolean refused = kernel.text("err").isEmpty();
                same(kernel + ": refused", refused, weir.text("err").isEmpty(), into);
            }
            default -> {}
        }
    }

    // Those whose time was up just then went by themselves.
    private static List<String> replaced(SyncTrace.Step step) {
        List<String> ends = step.changed("new").stream().map(RecordedSyncTest::ends).toList();
        return step.changed("gone").stream().filter(row -> ends.contains(ends(row))).toList();
    }

    // Protocol, client and virtual address of "proto state client virtual server origin".
    private static String ends(String row) {
        String[] words = row.split(" ", -1);
        return words[0] + " " + words[2] + " " + words[3];
    }

    private static List<String> rows(SyncTrace.Step step) {
        return step.text("text").lines().map(ListedConnection::spaced).sorted().toList();
    }

    private static void same(String what, Object kernel, Object weir, List<String> into) {
        if (!kernel.equals(weir)) {
            into.add(what + ": " + kernel + ", not " + weir);
        }
    }

    private static void compareFinal(SyncTrace kernel, SyncTrace weir, List<String> into) {
        same("final.txt", kernel.last().keySet(), weir.last().keySet(), into);
        Set<String> unsteady = new TreeSet<>();
        for (Map.Entry<String, List<String>> section : kernel.last().entrySet()) {
            String side = section.getKey().split(":", -1)[0];
            List<String> other = weir.last().getOrDefault(section.getKey(), List.of());
            if (section.getKey().endsWith("-Lnc")) {
                ListedConnection.differences(
                                section.getValue().stream().map(ListedConnection::of).toList(),
                                other.stream().map(ListedConnection::of).toList(),
                                MOST_LATE)
                        .forEach(difference -> into.add(section.getKey() + ": " + difference));
                boolean ending =
                        other.stream().anyMatch(row -> ListedConnection.of(row).endsWithin(SOON));
                if (section.getValue().size() != other.size() || ending) {
                    unsteady.add(side);
                }
            }
        }
        for (Map.Entry<String, List<String>> section : kernel.last().entrySet()) {
            boolean counts = section.getKey().matches(".* -Ln( --persistent-conn)?");
            boolean gone = unsteady.contains(section.getKey().split(":", -1)[0]);
            if (!section.getKey().endsWith("-Lnc") && !(counts && gone)) {
                List<String> other = weir.last().getOrDefault(section.getKey(), List.of());
                same(
                        section.getKey(),
                        section.getValue().stream().sorted().toList(),
                        other.stream().sorted().toList(),
                        into);
            }
        }
    }
}
