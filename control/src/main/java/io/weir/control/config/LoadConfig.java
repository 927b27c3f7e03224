package io.weir.control.config;

import java.time.Duration;
import java.util.List;

/**
 * Where a real server's load comes from.
 *
 * @param source how it is asked
 * @param command the program and its arguments for {@link Source#COMMAND}, where {@code %h} stands
 *     for the server's address and {@code %p} for its port; empty otherwise
 * @param path the path for {@link Source#HTTP}, empty otherwise
 * @param port the port for {@link Source#HTTP} and {@link Source#AGENT}, 0 otherwise
 * @param period the time from one question to the next
 * @param timeout the time it has to answer
 */
public record LoadConfig(
        Source source,
        List<String> command,
        String path,
        int port,
        Duration period,
        Duration timeout) {
    /** How a real server is asked for its load. */
    public enum Source {
        /** A program prints a line with "load" and, after a colon, the number, as uptime does. */
        COMMAND,

        /** The body of an HTTP answer is the number, or a line as uptime prints it. */
        HTTP,

        /** What the server sends on a TCP connection is the number, or such a line. */
        AGENT
    }

    public LoadConfig {
        command = List.copyOf(command);
    }
}
