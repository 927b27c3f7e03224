package io.weir.control.cli;

import io.weir.control.replay.CaptureReplay;
import io.weir.control.replay.CaptureSource;
import io.weir.control.replay.ReplayException;
import io.weir.control.replay.ScenarioReplay;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** weir replay. */
@Command(
        name = "replay",
        description = {
            "Replays recorded scenarios, or captures of your own with rules of your own, through"
                    + " the balancer under a virtual clock."
        },
        customSynopsis = {
            "weir replay --out DIR SCENARIO...",
            "       weir replay --out DIR --rules FILE --in IF=FILE... [--topology FILE]"
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A SCENARIO is a folder with rules, topology.json and events.jsonl. Its results are"
                    + " DIR/<name>/events.jsonl (the frames that came in, each followed by the"
                    + " frames it caused, and listings) and DIR/<name>/final.txt. A scenario that"
                    + " cannot be replayed costs one line and the exit code 1; the others are"
                    + " replayed all the same.",
            "",
            "Captures (pcap or pcapng, Ethernet) are merged by their time stamps. The results are"
                    + " DIR/<IF>.pcapng with what weir emitted there, DIR/events.jsonl and"
                    + " DIR/final.txt. docs/replay.md says what is assumed of the network if no"
                    + " --topology is given."
        })
final class ReplayCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Where the results go; made if it is not there.")
    private Path out = Path.of("");

    @Option(
            names = "--rules",
            paramLabel = "FILE",
            description = "Rules for captures, as ipvsadm-save prints them.")
    private @Nullable Path rules;

    @Option(
            names = "--in",
            paramLabel = "IF=FILE",
            description = "A capture and the interface its frames arrive on; once or more.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = "--topology",
            paramLabel = "FILE",
            description = "The network around the balancer, in the form of a topology.json.")
    private @Nullable Path topology;

    @Parameters(paramLabel = "SCENARIO", arity = "0..*", description = "Folders of scenarios.")
    private List<Path> scenarios = new ArrayList<>();

    @Override
    public Integer call() throws CommandFailure {
        if (rules == null && inputs.isEmpty() && topology == null) {
            return replayScenarios();
        }
        if (!scenarios.isEmpty()) {
            throw wrong(
                    "scenarios bring their own rules and frames; leave out " + scenarios.get(0));
        }
        if (rules == null || inputs.isEmpty()) {
            throw wrong("captures need --rules FILE and --in IF=FILE");
        }
        return replayCaptures(rules);
    }

    private ParameterException wrong(String what) {
        return new ParameterException(spec.commandLine(), what);
    }

    private int replayScenarios() throws CommandFailure {
        if (scenarios.isEmpty()) {
            throw wrong("no scenario given");
        }
        Map<String, Path> folders = new HashMap<>();
        for (Path scenario : scenarios) {
            Path other = folders.put(name(scenario), scenario);
            if (other != null) {
                throw new CommandFailure(
                        other
                                + " and "
                                + scenario
                                + " would both be written to "
                                + out.resolve(name(scenario)));
            }
        }
        int failed = 0;
        for (Path scenario : scenarios) {
            if (!replay(scenario)) {
                failed++;
            }
        }
        return failed == 0 ? 0 : 1;
    }

    private static String name(Path scenario) {
        return String.valueOf(scenario.toAbsolutePath().normalize().getFileName());
    }

    private boolean replay(Path scenario) {
        try {
            ScenarioReplay.Result result =
                    new ScenarioReplay(scenario).run(out.resolve(name(scenario)));
            complain(result.complaints());
            spec.commandLine()
                    .getOut()
                    .println(
                            name(scenario)
                                    + ": "
                                    + result.framesIn()
                                    + " frames in, "
                                    + result.framesOut()
                                    + " out");
            return true;
        } catch (ReplayException e) {
            complain(List.of(String.valueOf(e.getMessage())));
        } catch (IOException e) {
            complain(List.of(reason(e)));
        }
        return false;
    }

    private int replayCaptures(Path rulesFile) throws CommandFailure {
        List<CaptureSource> sources = new ArrayList<>();
        for (String input : inputs) {
            int equals = input.indexOf('=');
            String link = equals < 0 ? "" : input.substring(0, equals);
            if (link.isEmpty() || equals == input.length() - 1 || link.indexOf('/') >= 0) {
                throw wrong("--in " + input + " is not of the form IF=FILE");
            }
            sources.add(new CaptureSource(link, Path.of(input.substring(equals + 1))));
        }
        try {
            CaptureReplay.Result result = new CaptureReplay(rulesFile, sources, topology).run(out);
            complain(result.complaints());
            print(result);
            return 0;
        } catch (ReplayException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new CommandFailure(reason(e), e);
        }
    }

    private void print(CaptureReplay.Result result) {
        PrintWriter terminal = spec.commandLine().getOut();
        result.links()
                .forEach(
                        (name, count) -> {
                            terminal.println(
                                    name
                                            + ": "
                                            + count.in()
                                            + " frames in, "
                                            + count.out()
                                            + " out");
                            if (count.own() > 0) {
                                terminal.println(
                                        "  "
                                                + count.own()
                                                + " captured frames were sent by the balancer"
                                                + " itself and left out");
                            }
                        });
        if (result.drops().isEmpty()) {
            terminal.println("dropped: none");
        } else {
            terminal.println("dropped:");
            result.drops()
                    .forEach(
                            (reason, packets) ->
                                    terminal.println(
                                            "  "
                                                    + packets
                                                    + "  "
                                                    + reason
                                                    + ": "
                                                    + reason.explanation()));
        }
        terminal.println("results: " + out);
    }

    private void complain(List<String> lines) {
        lines.forEach(line -> spec.commandLine().getErr().println("weir: " + line));
    }

    /** Names the file that is in the way; other exceptions name theirs themselves. */
    private static String reason(IOException e) {
        return switch (e) {
            case AccessDeniedException denied -> denied.getFile() + ": permission denied";
            case FileAlreadyExistsException file -> file.getFile() + ": not a directory";
            default -> String.valueOf(e.getMessage());
        };
    }
}
