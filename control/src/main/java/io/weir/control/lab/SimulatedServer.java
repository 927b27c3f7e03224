package io.weir.control.lab;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * A web server without an operating system. Nothing is lost on its network, so every segment says
 * all that is needed to answer it, and no connection has to be remembered.
 */
final class SimulatedServer {
    private static final int FIRST_SEQUENCE = 1_000_000;

    private final String name;
    private final long mac;
    private final int address;

    SimulatedServer(String name, long mac, int address) {
        this.name = name;
        this.mac = mac;
        this.address = address;
    }

    /** Answers a frame of its network; null if there is nothing to say. */
    byte @Nullable [] receive(byte[] bytes) {
        ArpFrame arp = ArpFrame.decode(bytes);
        if (arp != null) {
            boolean mine = arp.request() && arp.target() == address;
            return mine ? arp.reply(mac).encode() : null;
        }
        TcpFrame segment = TcpFrame.decode(bytes);
        if (segment == null || segment.destinationMac() != mac) {
            return null;
        }
        TcpFrame reply = answer(segment);
        return reply == null ? null : reply.encode();
    }

    private @Nullable TcpFrame answer(TcpFrame segment) {
        if (segment.has(TcpFrame.SYN)) {
            TcpFrame accepted = segment.reply(TcpFrame.SYN, "");
            return accepted.withSequence(FIRST_SEQUENCE);
        }
        if (!segment.payload().isEmpty()) {
            String response =
                    HttpExchange.response(
                            name, text(segment.source()), text(segment.destination()));
            return segment.reply(TcpFrame.PSH | TcpFrame.FIN, response);
        }
        return segment.has(TcpFrame.FIN) ? segment.reply(0, "") : null;
    }

    private static String text(int address) {
        return IpAddress.v4(address).toString();
    }
}
