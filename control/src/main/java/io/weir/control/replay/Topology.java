package io.weir.control.replay;

import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The network around the balancer in a scenario, from its topology.json.
 *
 * @param network links, addresses and routes; links are numbered from 1 in the file's order
 * @param neighbours who is where
 * @param marks firewall marks by destination
 * @param sysctls settings made before the rules are loaded
 * @param routing whether the balancer routes
 */
record Topology(
        NetworkSnapshot network,
        List<NeighbourEntry> neighbours,
        MarkTable marks,
        Map<String, String> sysctls,
        boolean routing) {

    /** Reads a file in the form of the recordings' topology.json. */
    static Topology read(Path file) throws ReplayException {
        return of(parse(TextFile.read(file), file), file);
    }

    /**
     * Reads a file that describes two balancers.
     *
     * @return each one's network by its name; empty if the file describes a single balancer
     */
    static Map<String, Topology> readSides(Path file, List<String> names) throws ReplayException {
        JsonNode root = parse(TextFile.read(file), file);
        Map<String, Topology> sides = new LinkedHashMap<>();
        for (String name : names) {
            if (root.path(name).isObject()) {
                sides.put(name, of(root.path(name), file));
            }
        }
        return sides;
    }

    private static Topology of(JsonNode root, Path file) throws ReplayException {
        Reader reader = new Reader(file);
        for (JsonNode link : root.path("interfaces")) {
            reader.link(link);
        }
        for (JsonNode route : root.path("routes")) {
            reader.route(route);
        }
        for (JsonNode neighbour : root.path("neighbours")) {
            reader.neighbour(neighbour);
        }
        MarkTable marks = RecordedMarks.read(root.path("marks"), file);
        Map<String, String> sysctls = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : root.path("sysctls_set").properties()) {
            sysctls.put(entry.getKey(), entry.getValue().asString());
        }
        reader.routes.addAll(ConnectedRoutes.of(reader.addresses));
        return new Topology(
                new NetworkSnapshot(reader.links, reader.addresses, reader.routes),
                List.copyOf(reader.neighbours),
                marks,
                Map.copyOf(sysctls),
                root.path("ip_forward").asInt(1) != 0);
    }

    private static JsonNode parse(String text, Path file) throws ReplayException {
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException malformed) {
            throw new ReplayException(
                    file
                            + ":"
                            + malformed.getLocation().getLineNr()
                            + ": not JSON: "
                            + malformed.getOriginalMessage());
        }
    }

    private static final class Reader {
        private final Path file;
        private final List<Link> links = new ArrayList<>();
        private final List<LinkAddress> addresses = new ArrayList<>();
        private final List<Route> routes = new ArrayList<>();
        private final List<NeighbourEntry> neighbours = new ArrayList<>();

        Reader(Path file) {
            this.file = file;
        }

        void link(JsonNode node) throws ReplayException {
            int index = links.size() + 1;
            String name = node.path("name").asString();
            long mac = mac(node.path("mac").asString());
            links.add(new Link(index, name, mac, node.path("mtu").asInt(1500), true, true));
            for (JsonNode text : node.path("addrs")) {
                Prefix prefix = prefix(text.asString());
                addresses.add(new LinkAddress(prefix.address, prefix.length, index));
            }
        }

        void route(JsonNode node) throws ReplayException {
            Prefix prefix = prefix(node.path("dst").asString());
            boolean local = node.path("type").asString("").equals("local");
            String via = node.path("via").asString("");
            routes.add(
                    new Route(
                            ConnectedRoutes.network(prefix.address, prefix.length),
                            prefix.length,
                            via.isEmpty() ? null : address(via),
                            linkIndex(node.path("dev").asString(""), local),
                            0,
                            local ? Route.Kind.LOCAL : Route.Kind.UNICAST,
                            null));
        }

        void neighbour(JsonNode node) throws ReplayException {
            neighbours.add(
                    new NeighbourEntry(
                            linkIndex(node.path("if").asString(), false),
                            address(node.path("ip").asString()),
                            NeighbourEntry.State.USABLE,
                            mac(node.path("mac").asString())));
        }

        private int linkIndex(String name, boolean optional) throws ReplayException {
            for (Link link : links) {
                if (link.name().equals(name)) {
                    return link.index();
                }
            }
            if (optional) {
                return 0;
            }
            throw new ReplayException(file + ": there is no interface \"" + name + "\"");
        }

        private IpAddress address(String text) throws ReplayException {
            IpAddress address = IpAddress.parse(text);
            if (address == null) {
                throw new ReplayException(file + ": \"" + text + "\" is not an address");
            }
            return address;
        }

        private record Prefix(IpAddress address, int length) {}

        private Prefix prefix(String text) throws ReplayException {
            int slash = text.indexOf('/');
            IpAddress address = address(slash < 0 ? text : text.substring(0, slash));
            int most = address.ipv6() ? 128 : 32;
            if (slash < 0) {
                return new Prefix(address, most);
            }
            try {
                int length = Integer.parseInt(text.substring(slash + 1));
                if (length >= 0 && length <= most) {
                    return new Prefix(address, length);
                }
            } catch (NumberFormatException notNumber) {
                // told below, like a number out of range
            }
            throw new ReplayException(file + ": \"" + text + "\" is not a prefix");
        }

        private long mac(String text) throws ReplayException {
            String digits = text.replace(":", "");
            if (!digits.matches("[0-9a-fA-F]{12}")) {
                throw new ReplayException(file + ": \"" + text + "\" is not an Ethernet address");
            }
            return Long.parseLong(digits, 16);
        }
    }
}
