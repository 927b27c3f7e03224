package io.weir.control.cli;

import io.weir.control.client.ControlConnection;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;

/** Asks the daemon of this network namespace for a text and prints it. */
final class DaemonQuery {
    private DaemonQuery() {}

    /**
     * Prints a resource of the control API in its form for terminals, piece by piece as it comes.
     * Ends early without a word when nobody takes the output any more, as {@code head} does.
     *
     * @param socket the control socket's path if the user gave one, else null
     * @param target path and query of the resource
     */
    static void print(@Nullable String socket, String target, PrintWriter out)
            throws CommandFailure {
        print(socket, target, "text/plain", out);
    }

    /** The same in another form, and each piece at once. */
    static void print(@Nullable String socket, String target, String type, PrintWriter out)
            throws CommandFailure {
        try (ControlConnection connection = ControlConnection.open(socket)) {
            connection.send("GET", target, type, null);
            try (InputStream body = connection.response()) {
                check(connection, body);
                copy(new InputStreamReader(body, StandardCharsets.UTF_8), out);
            }
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Has a request answered with a text that is short.
     *
     * @param method GET or PATCH
     * @param sent the request's body, null for none
     */
    static String text(@Nullable String socket, String method, String target, @Nullable String sent)
            throws CommandFailure {
        try (ControlConnection connection = ControlConnection.open(socket)) {
            byte[] bytes = sent == null ? null : sent.getBytes(StandardCharsets.UTF_8);
            connection.send(method, target, "text/plain", bytes);
            try (InputStream body = connection.response()) {
                check(connection, body);
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static void check(ControlConnection connection, InputStream body)
            throws IOException, CommandFailure {
        if (connection.status() != 200) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            throw new CommandFailure("the daemon answered " + text.strip());
        }
    }

    private static void copy(Reader text, PrintWriter out) throws IOException {
        char[] piece = new char[8192];
        int count = text.read(piece);
        while (count >= 0 && !out.checkError()) {
            out.write(piece, 0, count);
            out.flush();
            count = text.read(piece);
        }
    }
}
