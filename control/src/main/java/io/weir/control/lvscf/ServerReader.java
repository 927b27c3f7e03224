package io.weir.control.lvscf;

import io.weir.control.config.FailureAction;
import io.weir.control.config.ServerConfig;
import io.weir.control.lvscf.VirtualReader.ServiceFacts;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.TunnelSettings;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;

/** Reads a server block. */
final class ServerReader {
    static final Map<String, ForwardingMethod> NETWORKS =
            Map.of(
                    "nat",
                    ForwardingMethod.MASQUERADE,
                    "direct",
                    ForwardingMethod.ROUTE,
                    "tunnel",
                    ForwardingMethod.TUNNEL);

    private static final Map<String, TunnelSettings.Type> TUNNELS =
            Map.of(
                    "ipip",
                    TunnelSettings.Type.IPIP,
                    "gue",
                    TunnelSettings.Type.GUE,
                    "gre",
                    TunnelSettings.Type.GRE);
    private static final Map<String, TunnelSettings.Checksum> CHECKSUMS =
            Map.of(
                    "none",
                    TunnelSettings.Checksum.NONE,
                    "full",
                    TunnelSettings.Checksum.FULL,
                    "remote",
                    TunnelSettings.Checksum.REMOTE);

    private final Values values;
    private final CheckReader checks;
    private final LoadReader load;

    ServerReader(Values values, CheckReader checks, LoadReader load) {
        this.values = values;
        this.checks = checks;
        this.load = load;
    }

    /** The forwarding method that a block, or what is around it, names. */
    static ForwardingMethod network(Section section) {
        return section.read("network", ForwardingMethod.MASQUERADE, Values.choice(NETWORKS));
    }

    /** The server; null if it is not active, or has no address. */
    VirtualBlock.@Nullable Server read(Section block, Section virtual, ServiceFacts facts) {
        if (!block.read("active", false, Values::flag)) {
            if (!block.has("active")) {
                block.note("", "server " + block.name() + " is not used without active = 1");
            }
            return null;
        }
        IpAddress address = block.find("address", values::host);
        if (address == null || (address.high() == 0 && address.low() == 0)) {
            if (!block.has("address") || address != null) {
                block.fault(
                        "address",
                        "server " + block.name() + " needs an address; write address = ADDRESS");
            }
            return null;
        }
        ForwardingMethod method = network(block);
        checkFamily(block, "address", address, facts.vip(), method);
        int given = block.read("port", -1, values.port(facts.protocol(), 0));
        int checked = given > 0 ? given : facts.port();
        CheckTarget target =
                new CheckTarget(
                        address,
                        checked,
                        facts.port(),
                        facts.protocol(),
                        NannyCheck.REENTRY,
                        facts.id(),
                        method);
        ServerConfig config =
                new ServerConfig(
                        block.name(),
                        new ServerId(address, port(block, given, method, facts)),
                        settings(block, method),
                        checks.read(block, virtual, target),
                        block.read("quiesce_server", false, Values::flag)
                                ? FailureAction.QUIESCE
                                : FailureAction.REMOVE,
                        block.read("slow_start", false, Values::flag),
                        load.read(block, target),
                        block.find("drain", Values.seconds(Duration.ZERO)));
        return new VirtualBlock.Server(config, block);
    }

    // Without translation the server has to listen where the client aims; ipvsadm puts the
    // service's port there without a word.
    private static int port(Section block, int given, ForwardingMethod method, ServiceFacts facts) {
        if (given < 0) {
            return facts.serverPort();
        }
        if (!facts.id().isMark() && method != ForwardingMethod.MASQUERADE) {
            if (given != facts.port()) {
                block.note(
                        "port",
                        "network = nat alone changes ports; packets reach server "
                                + block.name()
                                + " on port "
                                + facts.port()
                                + ", and only checks go to "
                                + given);
            }
            return facts.port();
        }
        return given;
    }

    void checkFamily(
            Section section,
            String key,
            IpAddress address,
            IpAddress vip,
            ForwardingMethod method) {
        if (address.ipv6() != vip.ipv6() && method != ForwardingMethod.TUNNEL) {
            section.fault(
                    key,
                    address
                            + " and "
                            + vip
                            + " are not of the same family, which network = tunnel alone can do");
        }
    }

    private ServerSettings settings(Section block, ForwardingMethod method) {
        int most = Integer.MAX_VALUE;
        int upper = block.read("upper_threshold", 0, Values.integer(0, most));
        int lower = block.read("lower_threshold", 0, Values.integer(0, most));
        if (upper < lower) {
            block.fault("lower_threshold", "lower_threshold is above upper_threshold " + upper);
        }
        return new ServerSettings(
                method,
                block.read("weight", 1, Values.integer(0, most)),
                upper,
                lower,
                tunnel(block, method));
    }

    private TunnelSettings tunnel(Section block, ForwardingMethod method) {
        TunnelSettings.Type type =
                block.read("tunnel_type", TunnelSettings.Type.IPIP, Values.choice(TUNNELS));
        int port = block.read("tunnel_port", 0, Values.integer(1, Values.LAST_PORT));
        TunnelSettings.Checksum checksum =
                block.read(
                        "tunnel_checksum", TunnelSettings.Checksum.NONE, Values.choice(CHECKSUMS));
        if (method != ForwardingMethod.TUNNEL) {
            return TunnelSettings.IPIP;
        }
        boolean gue = type == TunnelSettings.Type.GUE;
        if (gue && port == 0) {
            block.fault("tunnel_type", "tunnel_type = gue needs tunnel_port = PORT");
        } else if (!gue && port != 0) {
            block.fault("tunnel_port", "tunnel_port is for tunnel_type = gue alone");
        }
        boolean possible =
                switch (checksum) {
                    case NONE -> true;
                    case FULL -> type != TunnelSettings.Type.IPIP;
                    case REMOTE -> gue;
                };
        if (!possible) {
            block.fault(
                    "tunnel_checksum",
                    "full is for tunnel_type gue and gre, remote for gue, and ipip has none");
        }
        return new TunnelSettings(type, gue ? port : 0, checksum);
    }
}
