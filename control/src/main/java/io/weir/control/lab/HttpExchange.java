package io.weir.control.lab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The lab's request and response, which names the server and the addresses it saw. */
final class HttpExchange {
    private static final String CLIENT_FIELD = "Weir-Client";
    private static final String ADDRESS_FIELD = "Weir-Address";
    private static final int CONNECT_MILLIS = 3000;
    private static final int READ_MILLIS = 3000;
    private static final int RESPONSE_LIMIT_BYTES = 8 << 10;

    private HttpExchange() {}

    /** A request for the root, complete. */
    static String request(String host) {
        return "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    }

    /** Connects from the calling thread's namespace, asks, and reads until the server closes. */
    static Answer ask(String host, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(READ_MILLIS);
            socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
            socket.getOutputStream().write(request(host).getBytes(StandardCharsets.US_ASCII));
            byte[] response = socket.getInputStream().readNBytes(RESPONSE_LIMIT_BYTES);
            return parse(new String(response, StandardCharsets.US_ASCII));
        }
    }

    /** A server's response, complete. */
    static String response(String name, String client, String address) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
                + ("Content-Length: " + (name.length() + 1) + "\r\n")
                + (CLIENT_FIELD + ": " + client + "\r\n")
                + (ADDRESS_FIELD + ": " + address + "\r\n\r\n")
                + (name + "\n");
    }

    /** Reads an answer out of a complete response. */
    static Answer parse(String response) throws IOException {
        int end = response.indexOf("\r\n\r\n");
        if (!response.startsWith("HTTP/1.1 200 ") || end < 0) {
            throw new IOException("not an answer: " + response.lines().findFirst().orElse("empty"));
        }
        return new Answer(
                response.substring(end + 4).strip(),
                field(response, CLIENT_FIELD),
                field(response, ADDRESS_FIELD));
    }

    private static String field(String response, String name) throws IOException {
        return response.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow(() -> new IOException("the answer lacks " + name));
    }
}
