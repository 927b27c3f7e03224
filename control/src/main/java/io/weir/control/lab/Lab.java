package io.weir.control.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Plays the rounds on a stage, shows what happens and judges the outcome. One thread. */
public final class Lab {
    private static final int NAMES_PER_LINE = 6;

    private final Stage stage;
    private final PrintWriter out;
    private final List<String> summary = new ArrayList<>();
    private boolean passed = true;

    Lab(Stage stage, PrintWriter out) {
        this.stage = stage;
        this.out = out;
    }

    /**
     * Runs the lab on network namespaces; needs root.
     *
     * @return whether everything was as it should be
     * @throws LabException if the lab cannot be built here
     */
    public static boolean live(PrintWriter out) throws IOException {
        try (LiveStage stage = new LiveStage()) {
            return new Lab(stage, out).run();
        }
    }

    /**
     * Runs the same conversations in memory, with simulated hosts.
     *
     * @return whether everything was as it should be
     */
    public static boolean inMemory(PrintWriter out) throws IOException {
        try (MemoryStage stage = new MemoryStage()) {
            return new Lab(stage, out).run();
        }
    }

    boolean run() throws IOException {
        long start = System.nanoTime();
        stage.open(out);
        int number = 1;
        for (Round round : Round.all()) {
            out.println();
            out.println(number++ + ". " + round.title());
            play(round);
        }
        out.println();
        out.println("Summary");
        summary.forEach(line -> out.println("  " + line));
        double seconds = (System.nanoTime() - start) / 1e9;
        out.printf("weir lab: %s after %.1f s%n", passed ? "passed" : "FAILED", seconds);
        return passed;
    }

    private void play(Round round) throws IOException {
        stage.prepare(round.directRouting());
        command(List.of("-C"));
        List<String> servers =
                IntStream.range(0, Stage.SERVERS)
                        .mapToObj(i -> LabNetwork.serverAddress(i) + ":" + Stage.PORT)
                        .toList();
        String virtual = LabNetwork.VIRTUAL + ":" + Stage.PORT;
        for (List<String> arguments : round.commands(virtual, servers)) {
            command(arguments);
        }
        Map<String, Integer> counts = requests(round);
        command(List.of("-L", "-n"));
        command(List.of("-L", "-n", "--stats"));
        judge(round, counts);
    }

    private void command(List<String> arguments) throws IOException {
        out.println("  # ipvsadm " + String.join(" ", arguments));
        stage.ipvsadm(arguments).lines().forEach(line -> out.println("    " + line));
        out.flush();
    }

    private Map<String, Integer> requests(Round round) {
        Map<String, Integer> counts = new HashMap<>();
        String where = LabNetwork.CLIENT + " -> " + LabNetwork.VIRTUAL + ":" + Stage.PORT + " -> ";
        List<String> names = new ArrayList<>();
        for (int i = 0; i < round.requests(); i++) {
            names.add(request(round, counts));
            if (names.size() == NAMES_PER_LINE) {
                out.println("  " + where + String.join(" ", names));
                out.flush();
                names.clear();
            }
        }
        if (!names.isEmpty()) {
            out.println("  " + where + String.join(" ", names));
        }
        return counts;
    }

    private String request(Round round, Map<String, Integer> counts) {
        try {
            Answer answer = stage.request();
            int server =
                    IntStream.range(0, Stage.SERVERS)
                            .filter(i -> LabNetwork.serverName(i).equals(answer.server()))
                            .findFirst()
                            .orElseThrow(() -> new IOException("answer of a stranger"));
            String address =
                    round.directRouting() ? LabNetwork.VIRTUAL : LabNetwork.serverAddress(server);
            if (!answer.client().equals(LabNetwork.CLIENT) || !answer.address().equals(address)) {
                return fail(
                        answer.server()
                                + " was asked by "
                                + answer.client()
                                + " under "
                                + answer.address()
                                + " instead of "
                                + address);
            }
            counts.merge(answer.server(), 1, Integer::sum);
            return answer.server();
        } catch (IOException e) {
            return fail("no answer (" + e.getMessage() + ")");
        }
    }

    private String fail(String reason) {
        passed = false;
        return "[" + reason + "]";
    }

    private void judge(Round round, Map<String, Integer> counts) {
        int answers = counts.values().stream().mapToInt(Integer::intValue).sum();
        boolean right = answers == round.requests();
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < Stage.SERVERS; i++) {
            int count = counts.getOrDefault(LabNetwork.serverName(i), 0);
            right &= count == round.expected(i);
            parts.add(LabNetwork.serverName(i) + " " + count + "/" + round.expected(i));
        }
        passed &= right;
        summary.add(
                "%-28s %d of %d requests answered; answers/promised: %s: %s"
                        .formatted(
                                round.title(),
                                answers,
                                round.requests(),
                                parts.stream().collect(Collectors.joining(", ")),
                                right ? "right" : "WRONG"));
    }
}
