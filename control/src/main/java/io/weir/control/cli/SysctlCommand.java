package io.weir.control.cli;

import io.weir.control.sysctl.SettingName;
import io.weir.control.sysctl.SysctlException;
import io.weir.control.sysctl.SysctlFile;
import io.weir.control.sysctl.SysctlScript;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** weir sysctl: what sysctl(8) is to the kernel's settings of IPVS. */
@Command(
        name = "sysctl",
        description = {
            "Shows and sets what the kernel's IPVS has below net.ipv4.vs. Names are those of the"
                    + " kernel, with or without net.ipv4.vs before them.",
            "Without NAME all settings are shown. Several are set at once or, if one of them is"
                    + " refused, not at all."
        },
        mixinStandardHelpOptions = true)
final class SysctlCommand implements Callable<Integer> {
    private static final String RESOURCE = "/v1/sysctl";
    private static final String BETWEEN = " = ";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "NAME[=VALUE]",
            arity = "0..*",
            description = "A setting to show, or to set.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-a", "--all"},
            description = "Show all settings.")
    private boolean all;

    @Option(
            names = {"-n", "--values"},
            description = "Print values without names.")
    private boolean valuesOnly;

    @Option(
            names = {"-w", "--write"},
            description = "Only set: every argument is NAME=VALUE.")
    private boolean write;

    @Option(
            names = {"-p", "--load"},
            paramLabel = "FILE",
            description =
                    "Set what a file in the form of sysctl.conf says; settings outside net.ipv4.vs"
                            + " are left to the kernel. May be given several times.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = {"-q", "--quiet"},
            description = "Do not show what was set.")
    private boolean quiet;

    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        if (all && (write || !files.isEmpty() || !words.isEmpty())) {
            throw new ParameterException(spec.commandLine(), "-a shows all and takes nothing else");
        }
        if (write && words.isEmpty() && files.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "-w needs NAME=VALUE");
        }
        List<String> set = new ArrayList<>();
        String assignments = assignments(set);
        Map<String, String> settings =
                settings(
                        assignments.isEmpty()
                                ? DaemonQuery.text(socket.path(), "GET", RESOURCE, null)
                                : DaemonQuery.text(socket.path(), "PATCH", RESOURCE, assignments));
        if (!quiet) {
            set.forEach(name -> show(name, settings));
        }
        return showAsked(settings) ? 0 : 1;
    }

    /**
     * What to set, as the daemon takes it; checked before, as only here file and line are known.
     *
     * @param names where the names of what is set are put
     */
    private String assignments(List<String> names) throws CommandFailure {
        StringBuilder text = new StringBuilder();
        try {
            for (Path file : files) {
                SysctlScript script = SysctlFile.read(file);
                if (script.foreign() > 0 && !quiet) {
                    complain(SysctlFile.foreignNote(file.toString(), script));
                }
                add(script, names, text);
            }
            SysctlScript script = SysctlScript.empty();
            for (String word : words) {
                if (write || word.indexOf('=') >= 0) {
                    script.add(word);
                }
            }
            add(script, names, text);
        } catch (SysctlException e) {
            throw new CommandFailure(e.text() + unchanged(), e);
        } catch (IOException e) {
            throw new CommandFailure(e.getMessage() + unchanged(), e);
        }
        return text.toString();
    }

    private String unchanged() {
        return words.size() + files.size() > 1 || !files.isEmpty() ? "; nothing was changed" : "";
    }

    private static void add(SysctlScript script, List<String> names, StringBuilder text) {
        for (SysctlScript.Assignment assignment : script.assignments()) {
            names.add(assignment.name());
            text.append(assignment.name()).append(BETWEEN).append(assignment.value()).append('\n');
        }
    }

    private static Map<String, String> settings(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            int between = line.indexOf(BETWEEN);
            if (between > 0) {
                String value = line.substring(between + BETWEEN.length());
                settings.put(SettingName.local(line.substring(0, between)), value);
            }
        }
        return settings;
    }

    private boolean showAsked(Map<String, String> settings) {
        if (words.isEmpty() && files.isEmpty()) {
            settings.keySet().forEach(name -> show(name, settings));
            return true;
        }
        boolean found = true;
        for (String word : words) {
            if (word.indexOf('=') < 0) {
                found &= showOne(word, settings);
            }
        }
        return found;
    }

    private boolean showOne(String word, Map<String, String> settings) {
        String name = SettingName.local(word);
        if (name.equals(SettingName.DIRECTORY)) {
            settings.keySet().forEach(each -> show(each, settings));
            return true;
        }
        if (settings.containsKey(name)) {
            show(name, settings);
            return true;
        }
        complain(
                SettingName.isForeign(word)
                        ? SysctlScript.foreignText(word)
                        : "there is no setting "
                                + SettingName.whole(name)
                                + "; weir sysctl -a lists them");
        return false;
    }

    private void show(String name, Map<String, String> settings) {
        PrintWriter out = spec.commandLine().getOut();
        String value = settings.getOrDefault(name, "");
        out.println(valuesOnly ? value : SettingName.whole(name) + BETWEEN + value);
    }

    private void complain(String text) {
        spec.commandLine().getErr().println("weir: " + text);
    }
}
