package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Requests to one of the resources of rules, such as /v1/marks, of the daemon of this network
 * namespace.
 */
final class RuleRequest {
    private static final long FILE_LIMIT_BYTES = 1 << 20;

    private final @Nullable String socket;
    private final String target;

    /**
     * Prepares requests.
     *
     * @param target the resource's path
     */
    RuleRequest(@Nullable String socket, String target) {
        this.socket = socket;
        this.target = target;
    }

    /** The rules in force, one on each line. */
    String list() throws CommandFailure {
        return request("GET", target, null);
    }

    /**
     * Sends rules.
     *
     * @param method POST to add them, PUT to put them in the place of all others
     * @param source where they come from, for messages
     */
    void send(String method, String source, String rules) throws CommandFailure {
        request(
                method,
                target + "?source=" + DaemonRequest.encode(source),
                rules.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Puts the rules of a file in the place of all that are in force.
     *
     * @param file its path; - for the standard input
     * @param kind what it is to be called in messages
     */
    void replace(String file, String kind) throws CommandFailure {
        boolean standardInput = file.equals("-");
        String source = standardInput ? "standard input" : file;
        String rules;
        try {
            rules = standardInput ? standardInput() : text(Path.of(file));
        } catch (FileSystemException e) {
            String reason = e instanceof NoSuchFileException ? "does not exist" : e.getReason();
            throw new CommandFailure(kind + " " + file + " cannot be read: " + reason, e);
        } catch (CharacterCodingException e) {
            throw new CommandFailure(kind + " " + file + " is not text in UTF-8", e);
        } catch (IOException e) {
            throw new CommandFailure(source + " cannot be read: " + e.getMessage(), e);
        }
        send("PUT", source, rules);
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

    void delete(String rule) throws CommandFailure {
        request("DELETE", target + "?rule=" + DaemonRequest.encode(rule), null);
    }

    void flush() throws CommandFailure {
        request("DELETE", target, null);
    }

    private String request(String method, String path, byte @Nullable [] body)
            throws CommandFailure {
        return DaemonRequest.send(socket, method, path, body);
    }
}
