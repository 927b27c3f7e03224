package io.weir.control.replay;

import io.weir.dataplane.director.PacketMarker;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.Packet;

import tools.jackson.databind.JsonNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Marks packets by destination prefix, protocol and port; the last rule that matches counts. */
final class DestinationMarks implements PacketMarker {
    private static final int ANY = -1;

    /** No packet is marked. */
    static final DestinationMarks NONE = new DestinationMarks(List.of());

    private record Rule(int network, int mask, int protocol, int port, int mark) {}

    private final Rule[] rules;

    private DestinationMarks(List<Rule> rules) {
        this.rules = rules.toArray(Rule[]::new);
    }

    static DestinationMarks of(JsonNode marks, Path file) throws ReplayException {
        List<Rule> rules = new ArrayList<>();
        for (JsonNode node : marks) {
            String text = node.path("daddr").asString();
            int slash = text.indexOf('/');
            IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
            if (address == null) {
                throw new ReplayException(file + ": mark for \"" + text + "\", not an address");
            }
            if (address.ipv6()) {
                continue;
            }
            int length = slash < 0 ? 32 : prefixLength(text.substring(slash + 1), file);
            rules.add(
                    new Rule(
                            ConnectedRoutes.network(address, length).v4(),
                            length == 0 ? 0 : -1 << (32 - length),
                            protocol(node.path("proto").asString("")),
                            node.has("dport") ? node.path("dport").asInt() : ANY,
                            node.path("mark").asInt()));
        }
        return new DestinationMarks(rules);
    }

    private static int prefixLength(String text, Path file) throws ReplayException {
        if (!text.matches("[0-9]|[12][0-9]|3[0-2]")) {
            throw new ReplayException(file + ": a mark for a prefix of length \"" + text + "\"");
        }
        return Integer.parseInt(text);
    }

    private static int protocol(String name) {
        return switch (name) {
            case "tcp" -> 6;
            case "udp" -> 17;
            case "sctp" -> 132;
            case "icmp" -> 1;
            default -> ANY;
        };
    }

    @Override
    public int mark(Packet packet) {
        int mark = 0;
        for (Rule rule : rules) {
            if ((packet.destination() & rule.mask) == rule.network
                    && (rule.protocol == ANY || rule.protocol == packet.protocol())
                    && (rule.port == ANY
                            || (packet.portsPresent() && rule.port == packet.destinationPort()))) {
                mark = rule.mark;
            }
        }
        return mark;
    }
}
