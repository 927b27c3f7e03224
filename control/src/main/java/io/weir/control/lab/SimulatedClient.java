package io.weir.control.lab;

import java.io.IOException;
import java.util.List;

/** A web client without an operating system: one connection after the other, nothing is lost. */
final class SimulatedClient {
    private static final int FIRST_PORT = 40_000;
    private static final int FIRST_SEQUENCE = 5_000;

    private final long mac;
    private final int address;
    private final int server;
    private final int serverPort;
    private int port = FIRST_PORT;
    private String response = "";
    private boolean done;

    SimulatedClient(long mac, int address, int server, int serverPort) {
        this.mac = mac;
        this.address = address;
        this.server = server;
        this.serverPort = serverPort;
    }

    /** Begins a request from a port not used before, by asking who has the server's address. */
    byte[] begin() {
        port++;
        response = "";
        done = false;
        return new ArpFrame(true, mac, address, 0, server).encode();
    }

    /** Takes a frame and answers it. */
    List<byte[]> receive(byte[] bytes) {
        ArpFrame arp = ArpFrame.decode(bytes);
        if (arp != null) {
            return arp(arp);
        }
        TcpFrame segment = TcpFrame.decode(bytes);
        if (segment == null
                || segment.destinationMac() != mac
                || segment.destination() != address
                || segment.destinationPort() != port
                || segment.source() != server) {
            return List.of();
        }
        return tcp(segment);
    }

    private List<byte[]> arp(ArpFrame arp) {
        if (arp.request()) {
            return arp.target() == address ? List.of(arp.reply(mac).encode()) : List.of();
        }
        TcpFrame syn =
                new TcpFrame(
                        arp.senderMac(),
                        mac,
                        address,
                        server,
                        port,
                        serverPort,
                        FIRST_SEQUENCE,
                        0,
                        TcpFrame.SYN,
                        "");
        return List.of(syn.encode());
    }

    private List<byte[]> tcp(TcpFrame segment) {
        if (segment.has(TcpFrame.RST)) {
            done = true;
            return List.of();
        }
        if (segment.has(TcpFrame.SYN)) {
            String request = HttpExchange.request(LabNetwork.VIRTUAL);
            return List.of(
                    segment.reply(0, "").encode(), segment.reply(TcpFrame.PSH, request).encode());
        }
        if (segment.has(TcpFrame.FIN)) {
            response = segment.payload();
            return List.of(segment.reply(TcpFrame.FIN, "").encode());
        }
        // The acknowledgement of our FIN.
        done = !response.isEmpty();
        return List.of();
    }

    /** Whether the connection has ended. */
    boolean isDone() {
        return done;
    }

    /**
     * The response.
     *
     * @throws IOException if there was none, or if the connection did not end properly
     */
    String end() throws IOException {
        if (!done) {
            throw new IOException("the connection did not end");
        }
        if (response.isEmpty()) {
            throw new IOException("connection refused");
        }
        return response;
    }
}
