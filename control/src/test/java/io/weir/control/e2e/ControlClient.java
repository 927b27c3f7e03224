package io.weir.control.e2e;

import io.weir.control.client.ControlConnection;
import io.weir.control.lab.DaemonProcess;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Asks a daemon in this process, which is quicker than to start one of its clients. */
final class ControlClient {
    private static final String BEFORE_PATH = "control socket ";

    private final String socket;

    private ControlClient(String socket) {
        this.socket = socket;
    }

    static ControlClient of(DaemonProcess daemon) {
        String line = daemon.readyLine();
        return new ControlClient(
                line.substring(line.indexOf(BEFORE_PATH) + BEFORE_PATH.length()).strip());
    }

    /** The answer to a request for text, whatever its status is. */
    String ask(String method, String target) throws IOException {
        try (ControlConnection connection = ControlConnection.open(socket)) {
            connection.send(method, target, "text/plain", null);
            try (InputStream body = connection.response()) {
                return new String(body.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    /** What ipvsadm -Ln prints. */
    String listing() throws IOException {
        return ask("POST", "/v1/ipvsadm?arg=-L&arg=-n");
    }
}
