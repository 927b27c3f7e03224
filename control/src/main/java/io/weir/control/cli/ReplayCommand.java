package io.weir.control.cli;

import io.weir.control.replay.ReplayException;
import io.weir.control.replay.ScenarioReplay;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** weir replay. */
@Command(
        name = "replay",
        description = "Replays recorded scenarios under a virtual clock.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Each SCENARIO is a folder with rules, topology.json and events.jsonl. For each of them"
                    + " DIR/<name>/events.jsonl (the frames that came in, each followed by the"
                    + " frames it caused, and listings) and DIR/<name>/final.txt are written.",
            "A scenario that cannot be replayed costs one line and the exit code 1; the others are"
                    + " replayed all the same."
        })
final class ReplayCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Where the results go; made if it is not there.")
    private Path out = Path.of("");

    @Parameters(paramLabel = "SCENARIO", arity = "1..*", description = "Folders of scenarios.")
    private List<Path> scenarios = new ArrayList<>();

    @Override
    public Integer call() throws CommandFailure {
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
        PrintWriter terminal = spec.commandLine().getOut();
        PrintWriter errors = spec.commandLine().getErr();
        try {
            ScenarioReplay.Result result =
                    new ScenarioReplay(scenario).run(out.resolve(name(scenario)));
            result.complaints().forEach(line -> errors.println("weir: " + line));
            terminal.println(
                    name(scenario)
                            + ": "
                            + result.framesIn()
                            + " frames in, "
                            + result.framesOut()
                            + " out");
            return true;
        } catch (NoSuchFileException e) {
            errors.println("weir: " + e.getFile() + ": no such file; a scenario needs it");
        } catch (IOException e) {
            errors.println("weir: " + scenario + ": " + e);
        } catch (ReplayException e) {
            errors.println("weir: " + e.getMessage());
        }
        return false;
    }
}
