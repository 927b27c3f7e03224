package io.weir.control.cli;

import io.weir.control.client.ControlConnection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Asks the daemon of this network namespace for a text and prints it. */
final class DaemonQuery {
    private DaemonQuery() {}

    /**
     * Prints a resource of the control API in its form for terminals.
     *
     * @param socket the control socket's path if the user gave one, else null
     * @param target path and query of the resource
     */
    static void print(@Nullable String socket, String target, PrintWriter out)
            throws CommandFailure {
        try (ControlConnection connection = ControlConnection.open(socket)) {
            connection.send("GET", target, "text/plain", null);
            try (InputStream body = connection.response()) {
                String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                if (connection.status() != 200) {
                    throw new CommandFailure("the daemon answered " + text.strip());
                }
                out.print(text);
                out.flush();
            }
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }
}
