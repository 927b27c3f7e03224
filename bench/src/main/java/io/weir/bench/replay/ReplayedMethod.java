package io.weir.bench.replay;

import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.TunnelSettings;

import java.util.List;
import java.util.Locale;

/** How the services of a replay forward; the low bits of a flow's number choose the service. */
public enum ReplayedMethod {
    /** Direct routing. */
    DIRECT(ServerSettings.of(ForwardingMethod.ROUTE, 1)),
    /** Network address translation, both directions. */
    MASQUERADE(ServerSettings.of(ForwardingMethod.MASQUERADE, 1)),
    /** IP in IP. */
    IPIP(tunnel(TunnelSettings.Type.IPIP, 0, TunnelSettings.Checksum.NONE)),
    /** Generic UDP encapsulation without a UDP checksum. */
    GUE(tunnel(TunnelSettings.Type.GUE, 6080, TunnelSettings.Checksum.NONE)),
    /** Generic UDP encapsulation with a UDP checksum. */
    GUE_CHECKSUM(tunnel(TunnelSettings.Type.GUE, 6080, TunnelSettings.Checksum.FULL)),
    /** Generic routing encapsulation without checksum. */
    GRE(tunnel(TunnelSettings.Type.GRE, 0, TunnelSettings.Checksum.NONE)),
    /** Generic routing encapsulation with its checksum. */
    GRE_CHECKSUM(tunnel(TunnelSettings.Type.GRE, 0, TunnelSettings.Checksum.FULL)),
    /** A quarter of the flows each by direct routing, NAT, IP in IP and GUE. */
    MIXED(
            DIRECT.services.getFirst(),
            MASQUERADE.services.getFirst(),
            IPIP.services.getFirst(),
            GUE.services.getFirst());

    @SuppressWarnings("ImmutableEnumChecker") // a List.of records
    private final List<ServerSettings> services;

    ReplayedMethod(ServerSettings... services) {
        this.services = List.of(services);
    }

    private static ServerSettings tunnel(
            TunnelSettings.Type type, int port, TunnelSettings.Checksum checksum) {
        TunnelSettings tunnel = new TunnelSettings(type, port, checksum);
        return new ServerSettings(ForwardingMethod.TUNNEL, 1, 0, 0, tunnel);
    }

    /** The method that a benchmark's parameter names, in small letters. */
    static ReplayedMethod named(String parameter) {
        return valueOf(parameter.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** The settings of each service's servers; a power of two of them. */
    List<ServerSettings> services() {
        return services;
    }

    int kindMask() {
        return services.size() - 1;
    }

    /** The index of the service behind NAT, whose servers answer past the balancer; -1 if none. */
    int natKind() {
        for (int kind = 0; kind < services.size(); kind++) {
            if (services.get(kind).method() == ForwardingMethod.MASQUERADE) {
                return kind;
            }
        }
        return -1;
    }

    /** Frames of a burst from clients. */
    int clientFrames() {
        return this == MIXED ? 48 : ReplayPort.FRAMES;
    }

    /** Frames of a burst from servers: in a mix, not every connection's answers pass here. */
    int serverFrames() {
        return switch (this) {
            case MASQUERADE -> ReplayPort.FRAMES;
            case MIXED -> 16;
            default -> 0;
        };
    }
}
