package io.weir.control.lvscf;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SorryServerConfig;
import io.weir.control.lvscf.FloatingReader.Placed;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a virtual block with its server blocks. */
final class VirtualReader {
    static final Map<String, Integer> PROTOCOLS =
            Map.of("tcp", ServiceId.TCP, "udp", ServiceId.UDP, "sctp", ServiceId.SCTP);
    private static final int HTTP = 80;
    private static final int MAX_SERVERS = 65_536;

    private final Values values;
    private final FloatingReader addresses;
    private final ServerReader servers;

    VirtualReader(Values values, ServerReader servers) {
        this.values = values;
        this.servers = servers;
        addresses = new FloatingReader(values);
    }

    /** What the block says; null if it is not active, or has no service. */
    @Nullable VirtualBlock read(Section section) {
        boolean active = section.read("active", false, Values::flag);
        if (!active) {
            if (!section.has("active")) {
                section.note("", "virtual " + section.name() + " is not used without active = 1");
            }
            return null;
        }
        int protocol = section.read("protocol", ServiceId.TCP, Values.choice(PROTOCOLS));
        int port = section.read("port", HTTP, values.port(protocol, 0));
        int mark = section.read("fwmark", 0, Values::mark);
        Placed placed = section.find("address", addresses::placed);
        if (placed == null) {
            if (!section.has("address")) {
                section.fault(
                        "",
                        "virtual "
                                + section.name()
                                + " needs an address; write address = ADDRESS INTERFACE");
            }
            return null;
        }
        IpAddress vip = placed.address();
        if (vip.high() == 0 && vip.low() == 0 && mark == 0) {
            section.fault("address", vip + " is not the address of a service; write its own");
            return null;
        }
        ServiceId id =
                mark == 0 ? ServiceId.of(protocol, vip, port) : ServiceId.ofMark(mark, vip.ipv6());
        if (mark == 0
                && port == 0
                && section.read("persistent", 0, Values.integer(0, Values.MAX_SECONDS)) == 0) {
            section.fault(
                    "port",
                    "a service on every port (port = 0) has to be persistent; write persistent ="
                            + " SECONDS");
        }
        FloatingAddress floating = addresses.read(section, "address", "vip_nmask");
        if (floating == null && !(vip.high() == 0 && vip.low() == 0)) {
            section.note(
                    "address",
                    "without an interface behind " + vip + " weir does not put it on one");
        }
        ServiceFacts facts = new ServiceFacts(id, vip, protocol, port);
        return new VirtualBlock(
                section,
                id,
                ServiceSettingsReader.read(section, id, protocol),
                servers(section, facts),
                sorry(section, facts),
                section.read("quorum", 1, Values.integer(1, MAX_SERVERS)),
                floating,
                section.find("vrrp", Values::word),
                mark == 0 ? List.of() : MarkReader.rules(section, values, facts));
    }

    /**
     * What server blocks have to know of the block around them.
     *
     * @param port the virtual port, also where a mark stands for it
     */
    record ServiceFacts(ServiceId id, IpAddress vip, int protocol, int port) {
        /** The port of a real server that names none: a mark's keeps the client's. */
        int serverPort() {
            return id.isMark() ? 0 : port;
        }
    }

    private List<VirtualBlock.Server> servers(Section section, ServiceFacts facts) {
        List<VirtualBlock.Server> all = new ArrayList<>();
        Map<ServerId, Integer> lines = new HashMap<>();
        Map<String, Integer> names = new HashMap<>();
        for (Section block : section.blocks(BlockKind.SERVER)) {
            Integer sameName = names.putIfAbsent(block.name(), block.line());
            if (sameName != null) {
                block.fault(
                        "",
                        "there is a server "
                                + block.name()
                                + " in line "
                                + sameName
                                + " already; give this one another name");
            }
            VirtualBlock.Server server = servers.read(block, section, facts);
            if (server == null) {
                continue;
            }
            Integer sameAddress = lines.putIfAbsent(server.config().id(), server.line());
            if (sameAddress != null) {
                block.fault(
                        "address",
                        "the server of line "
                                + sameAddress
                                + " has the same address and port; take one of them out");
            } else {
                all.add(server);
            }
        }
        if (all.isEmpty()) {
            section.note("", "virtual " + section.name() + " has no active server");
        }
        return all;
    }

    private @Nullable SorryServerConfig sorry(Section section, ServiceFacts facts) {
        IpAddress address = section.find("sorry_server", values::host);
        if (address == null) {
            for (String key : List.of("sorry_port", "sorry_network")) {
                if (section.has(key) && !section.has("sorry_server")) {
                    section.fault(key, key + " needs a sorry_server");
                }
            }
            return null;
        }
        ForwardingMethod method =
                section.has("sorry_network")
                        ? section.read(
                                "sorry_network",
                                ForwardingMethod.MASQUERADE,
                                Values.choice(ServerReader.NETWORKS))
                        : ServerReader.network(section);
        servers.checkFamily(section, "sorry_server", address, facts.vip(), method);
        int port = facts.serverPort();
        if (method == ForwardingMethod.MASQUERADE || facts.id().isMark()) {
            port = section.read("sorry_port", port, values.port(facts.protocol(), 0));
        }
        return new SorryServerConfig(new ServerId(address, port), ServerSettings.of(method, 1));
    }
}
