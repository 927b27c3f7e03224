package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** weir mark. */
@Command(
        name = "mark",
        description = {
            "Shows and changes the rules that give packets firewall marks.",
            "A rule is: tcp|udp|sctp|any to ADDRESS[/LENGTH] [port PORT[-PORT],...]"
                    + " [from ADDRESS[/LENGTH]] mark MARK[/MASK]"
        },
        mixinStandardHelpOptions = true)
final class MarkCommand implements Callable<Integer> {
    private static final long FILE_LIMIT_BYTES = 1 << 20;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            scope = ScopeType.INHERIT,
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String socket;

    /** Without a subcommand, the rules are shown. */
    @Override
    public Integer call() throws CommandFailure {
        return list();
    }

    @Command(description = "Shows the rules in their order; the last one that matches counts.")
    int list() throws CommandFailure {
        spec.commandLine().getOut().print(request().list());
        spec.commandLine().getOut().flush();
        return 0;
    }

    @Command(description = "Puts a rule behind those there are.")
    int add(@Parameters(paramLabel = "RULE", arity = "1..*") List<String> words)
            throws CommandFailure {
        request().send("POST", "rule", String.join(" ", words));
        return 0;
    }

    @Command(description = "Takes a rule away.")
    int delete(@Parameters(paramLabel = "RULE", arity = "1..*") List<String> words)
            throws CommandFailure {
        request().delete(String.join(" ", words));
        return 0;
    }

    @Command(description = "Takes all rules away.")
    int flush() throws CommandFailure {
        request().flush();
        return 0;
    }

    @Command(
            description =
                    "Puts the rules of a file, which may be of iptables-save, in the place of all"
                            + " there are, at once; - reads the standard input.")
    int replace(@Parameters(paramLabel = "FILE") String file) throws CommandFailure {
        boolean standardInput = file.equals("-");
        String source = standardInput ? "standard input" : file;
        try {
            request().send("PUT", source, standardInput ? standardInput() : text(Path.of(file)));
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new CommandFailure("marks file " + file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new CommandFailure("marks file " + file + " is not text in UTF-8", e);
        } catch (IOException e) {
            throw new CommandFailure(source + " cannot be read: " + e.getMessage(), e);
        }
        return 0;
    }

    private MarkRequest request() {
        return new MarkRequest(socket);
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > FILE_LIMIT_BYTES) {
            throw new IOException("it is longer than " + FILE_LIMIT_BYTES + " bytes");
        }
        return Files.readString(file);
    }

    private static String standardInput() throws IOException {
        try (InputStream input = System.in) {
            byte[] bytes = input.readNBytes((int) FILE_LIMIT_BYTES + 1);
            if (bytes.length > FILE_LIMIT_BYTES) {
                throw new IOException("it is longer than " + FILE_LIMIT_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
