package io.weir.control.replay;

import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ServiceId;

import tools.jackson.databind.JsonNode;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mark rules of a scenario's topology.json. */
final class RecordedMarks {
    private RecordedMarks() {}

    static MarkTable read(JsonNode marks, Path file) throws ReplayException {
        if (marks.size() > MarkTable.CAPACITY) {
            throw new ReplayException(file + ": more than " + MarkTable.CAPACITY + " marks");
        }
        List<MarkRule> rules = new ArrayList<>();
        for (JsonNode node : marks) {
            boolean port = node.has("dport");
            int number = node.path("dport").asInt(0);
            if (number < 0 || number > MarkRule.LAST_PORT) {
                throw new ReplayException(file + ": a mark for the port " + number);
            }
            rules.add(
                    MarkRule.of(
                            protocol(node.path("proto").asString(""), file),
                            prefix(node.path("daddr").asString(), file),
                            port ? number : 0,
                            port ? number : MarkRule.LAST_PORT,
                            node.path("mark").asInt()));
        }
        return new MarkTable(rules);
    }

    private static Prefix prefix(String text, Path file) throws ReplayException {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            throw new ReplayException(file + ": mark for \"" + text + "\", not an address");
        }
        String length = text.substring(slash + 1);
        if (slash < 0) {
            return Prefix.host(address);
        }
        if (!length.matches("[0-9]{1,3}")
                || Integer.parseInt(length) > (address.ipv6() ? 128 : 32)) {
            throw new ReplayException(file + ": a mark for a prefix of length \"" + length + "\"");
        }
        return Prefix.of(address, Integer.parseInt(length));
    }

    private static int protocol(String name, Path file) throws ReplayException {
        return switch (name) {
            case "" -> 0;
            case "tcp" -> ServiceId.TCP;
            case "udp" -> ServiceId.UDP;
            case "sctp" -> ServiceId.SCTP;
            case "icmp" -> 1;
            default -> throw new ReplayException(file + ": a mark for the protocol " + name);
        };
    }
}
