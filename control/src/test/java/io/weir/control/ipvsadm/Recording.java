package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The files with recordings of ipvsadm 1.31, and the names that the recording machine knew. */
final class Recording {
    /** The lines of its services file that the recordings use. */
    static final ServicesFile SERVICES =
            new ServicesFile(
                    """
                    # comment
                    domain  53/tcp
                    domain  53/udp
                    tftp    69/udp
                    http    80/tcp  www  # WorldWideWeb
                    sip     5060/tcp
                    sip     5060/udp
                    amqp    5672/sctp
                    http-alt 8080/tcp webcache
                    webmin  10000/tcp
                    """);

    private Recording() {}

    /** One command with what became of it. */
    record Case(
            List<String> arguments,
            String output,
            String errors,
            int exitCode,
            List<String> requests) {
        @Override
        public String toString() {
            return "ipvsadm " + String.join(" ", arguments);
        }
    }

    static Names names() {
        return new Names() {
            @Override
            public @Nullable IpAddress address(String host) {
                return null;
            }

            @Override
            public @Nullable String host(IpAddress address) {
                return null;
            }

            @Override
            public int port(String service, int protocol) {
                return SERVICES.port(service, protocol);
            }

            @Override
            public @Nullable String service(int port, int protocol) {
                return SERVICES.service(port, protocol);
            }
        };
    }

    static List<String> lines(String resource) {
        try (InputStream file = Recording.class.getResourceAsStream("/ipvsadm/" + resource)) {
            byte[] bytes = Objects.requireNonNull(file, resource).readAllBytes();
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads cases whose lines begin with a character for their kind. */
    static List<Case> cases(List<String> lines) {
        List<Case> cases = new ArrayList<>();
        StringBuilder output = new StringBuilder();
        StringBuilder errors = new StringBuilder();
        List<String> arguments = List.of();
        for (String line : lines) {
            String rest = line.substring(1);
            switch (line.charAt(0)) {
                case '$' ->
                        arguments =
                                rest.isEmpty()
                                        ? List.of()
                                        : List.of(rest.substring(1).split("\t", -1));
                case '|' -> output.append(rest).append('\n');
                case '!' -> errors.append(rest).append('\n');
                case '=' -> {
                    int exitCode = Integer.parseInt(rest);
                    cases.add(
                            new Case(
                                    arguments,
                                    output.toString(),
                                    errors.toString(),
                                    exitCode,
                                    new ArrayList<>()));
                    output.setLength(0);
                    errors.setLength(0);
                }
                case '>' -> cases.getLast().requests().add(rest);
                default -> throw new IllegalArgumentException(line);
            }
        }
        return cases;
    }
}
