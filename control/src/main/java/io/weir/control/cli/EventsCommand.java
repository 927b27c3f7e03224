package io.weir.control.cli;

import io.weir.control.client.ControlConnection;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/** weir events. */
@Command(
        name = "events",
        description = {
            "Shows what happens, as it happens, until it is ended: servers that enter and leave,"
                    + " changes of role, what is heard of the partner, reloads."
        },
        mixinStandardHelpOptions = true)
final class EventsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private SocketOption socket = new SocketOption();

    @Option(names = "--json", description = "Prints each event as a JSON object.")
    private boolean json;

    @Option(
            names = "--past",
            paramLabel = "N",
            description = "Begins with the last N events there were, of at most 256.")
    private int past;

    @Override
    public Integer call() throws CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        try (ControlConnection connection = ControlConnection.open(socket.path())) {
            String type = json ? "application/json" : "text/plain";
            connection.send("GET", "/v1/events?past=" + past, type, null);
            try (InputStream body = connection.response()) {
                if (connection.status() != 200) {
                    throw DaemonRequest.refusal(
                            new String(body.readAllBytes(), StandardCharsets.UTF_8));
                }
                print(body, out);
            }
        } catch (EOFException e) {
            throw new CommandFailure("the daemon has ended", e);
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
        return 0;
    }

    // Empty lines only show that the daemon is there.
    private static void print(InputStream body, PrintWriter out) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !out.checkError()) {
            if (!line.isEmpty()) {
                out.println(line);
                out.flush();
            }
            line = lines.readLine();
        }
    }
}
