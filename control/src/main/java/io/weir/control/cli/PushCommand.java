package io.weir.control.cli;

import io.weir.control.push.PushKeys;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** weir push. */
@Command(
        name = "push",
        description = {
            "Gives the partner the configuration in force, over an authenticated channel.",
            "It is checked and applied there; a newer one there is not overwritten."
        },
        mixinStandardHelpOptions = true)
final class PushCommand implements Callable<Integer> {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private SocketOption socket = new SocketOption();

    @Option(
            names = "--force",
            description = "The partner takes it even if its own has a higher serial number.")
    private boolean force;

    @Option(
            names = "--make-keys",
            paramLabel = "DIRECTORY",
            description = {
                "Pushes nothing, but makes this router's key and certificate, push.key and"
                        + " push.crt.",
                "The partner needs the certificate."
            })
    private @Nullable Path keys;

    @Override
    public Integer call() throws CommandFailure {
        if (keys != null) {
            return makeKeys(keys);
        }
        String target = force ? "/v1/push?force=true" : "/v1/push";
        String answer = DaemonRequest.send(socket.path(), "POST", target, null);
        spec.commandLine().getOut().println(DaemonRequest.field(answer, "summary").asString());
        return 0;
    }

    private int makeKeys(Path directory) throws CommandFailure {
        if (force || socket.path() != null) {
            throw new ParameterException(
                    spec.commandLine(), "--make-keys pushes nothing; it has no other options");
        }
        try {
            PushKeys.make(directory, Files.readString(HOST_NAME).strip());
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(directory.resolve(PushKeys.KEY) + ": this router's key; keep it here");
        out.println(
                directory.resolve(PushKeys.CERTIFICATE)
                        + ": its certificate; the partner's push_trust names a copy");
        return 0;
    }
}
