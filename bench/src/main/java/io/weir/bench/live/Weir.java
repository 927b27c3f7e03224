package io.weir.bench.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** weir in a process of its own. */
final class Weir implements Contender {
    /** How packets reach the servers; the option of ipvsadm that says so. */
    enum Method {
        NAT("-m"),
        ROUTE("-g");

        private final String option;

        Method(String option) {
            this.option = option;
        }
    }

    private static final String READY = "control socket";
    private static final Pattern VARIANT = Pattern.compile("([a-z0-9-]+)=(nat|route)((?: +\\S+)*)");

    private final List<String> program;
    private final String name;
    private final Method method;
    private final List<String> arguments;

    /**
     * A way of running it.
     *
     * @param program the command that is weir
     * @param arguments more arguments of weir run
     */
    Weir(List<String> program, String name, Method method, List<String> arguments) {
        this.program = program;
        this.name = name;
        this.method = method;
        this.arguments = arguments;
    }

    /**
     * A way that somebody asks for: its name, an equals sign, nat or route, and arguments of weir
     * run, all separated by blanks.
     *
     * @throws IllegalArgumentException if it is not one; the message says what is expected
     */
    static Weir variant(List<String> program, String text) {
        Matcher parts = VARIANT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "a variant is NAME=nat or NAME=route, with options of weir run behind it, not "
                            + text);
        }
        List<String> arguments =
                Stream.of(parts.group(3).split(" +", -1)).filter(one -> !one.isEmpty()).toList();
        Method method = Method.valueOf(parts.group(2).toUpperCase(Locale.ROOT));
        return new Weir(program, parts.group(1), method, arguments);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> lacks() {
        return Optional.empty();
    }

    @Override
    public Running start(Site site) throws IOException, InterruptedException {
        if (method == Method.ROUTE) {
            site.serveDirectly();
        }
        Path rules = site.directory().resolve("weir.rules");
        Files.writeString(
                rules,
                service(site.family(), "-t", Site.HTTP)
                        + service(site.family(), "-t", Site.BULK)
                        + service(site.family(), "-t", Site.PACKETS)
                        + service(site.family(), "-u", Site.PACKETS));
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of("run", "--no-state", "--rules=" + rules));
        command.addAll(arguments);
        Program daemon = site.start(site.balancer(), "weir.out", command);
        daemon.await(() -> daemon.output().contains(READY));
        return Running.of(site.family().virtual(), List.of(daemon));
    }

    /** The command that runs weir from the classes of this process, with the launcher's flags. */
    static List<String> ownClasses() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xms128m",
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.weir.control.Main");
    }

    private String service(Family family, String protocol, int port) {
        StringBuilder rules = new StringBuilder();
        String service = protocol + " " + family.endpoint(family.virtual(), port);
        rules.append("-A ").append(service).append(" -s rr\n");
        for (int i = 0; i < Site.SERVERS; i++) {
            rules.append("-a ").append(service).append(" -r ");
            rules.append(family.endpoint(family.server(i), port));
            rules.append(' ').append(method.option).append('\n');
        }
        return rules.toString();
    }
}
