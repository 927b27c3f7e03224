package io.weir.control.cli;

import io.weir.control.ipvsadm.SystemNames;
import io.weir.control.lvscf.HostInterfaces;
import io.weir.control.lvscf.LvsCf;
import io.weir.control.lvscf.LvsCfDocument;
import io.weir.control.lvscf.LvsCfException;
import io.weir.control.lvscf.LvsCfReport;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/** weir check. */
@Command(
        name = "check",
        description = {
            "Reads an lvs.cf without touching anything, and shows every mistake in it, or what"
                    + " would run.",
            "Ends with 0 if it is good, and with 1 if not."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    private static final Path SERVICES = Path.of("/etc/services");
    private static final Duration RESOLVER_LIMIT = Duration.ofSeconds(5);

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "The lvs.cf to read.")
    private String file = "";

    @Option(names = "--json", description = "Print one JSON document instead of lines.")
    private boolean json;

    @Override
    public Integer call() throws CommandFailure {
        LvsCfReport report = report(text());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonMapper mapper = JsonMapper.builder().build();
            out.println(
                    mapper.writer()
                            .with(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(report));
        } else if (report.valid()) {
            print(report, out);
        } else {
            report.mistakes().forEach(spec.commandLine().getErr()::println);
        }
        out.flush();
        return report.valid() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private LvsCfReport report(String text) {
        try (SystemNames names = new SystemNames(SERVICES, RESOLVER_LIMIT, System::nanoTime)) {
            LvsCf.Reading reading = LvsCf.inspect(file, text, names);
            return LvsCfReport.of(file, reading, HostInterfaces.ofThisHost());
        } catch (LvsCfException refused) {
            return LvsCfReport.of(file, refused);
        }
    }

    private String text() throws CommandFailure {
        Path path = Path.of(file);
        try {
            if (Files.size(path) > LvsCfDocument.MAX_LENGTH) {
                throw new CommandFailure(
                        file + " is longer than " + LvsCfDocument.MAX_LENGTH + " bytes");
            }
            return Files.readString(path);
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new CommandFailure(file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new CommandFailure(file + " is not text in UTF-8", e);
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void print(LvsCfReport report, PrintWriter out) {
        out.println(report.file() + " is good, serial number " + report.serial());
        out.println(report.role());
        report.routers().forEach(out::println);
        section("Addresses of the active router:", report.addresses(), out);
        out.println("Services, as ipvsadm-save writes them, with their checks:");
        for (LvsCfReport.Service service : report.services()) {
            out.println("  # " + service.name());
            out.println("  " + service.rule());
            for (LvsCfReport.Server server : service.servers()) {
                out.println("  " + server.rule());
                out.println("  #   " + server.name() + always(server.checks()));
                server.checks().forEach(check -> out.println("  #     " + check));
            }
        }
        section("Services of the routers themselves:", report.localServices(), out);
        section("Marks:", report.marks(), out);
        section("Masquerading:", report.masquerade(), out);
        section("Worth a look:", report.notes(), out);
    }

    private static String always(List<String> checks) {
        return checks.isEmpty() ? ": always in service" : "";
    }

    private static void section(String title, List<String> lines, PrintWriter out) {
        if (!lines.isEmpty()) {
            out.println(title);
            lines.forEach(line -> out.println("  " + line));
        }
    }
}
