package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.TunnelSettings;

import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Collects what a command line says of a real server. */
final class ServerArguments {
    private static final int LAST_PORT = 65535;

    private static final Set<Option> TUNNEL_OPTIONS =
            EnumSet.of(
                    Option.TUN_TYPE,
                    Option.TUN_PORT,
                    Option.TUN_NOCSUM,
                    Option.TUN_CSUM,
                    Option.TUN_REMCSUM);

    private @Nullable IpAddress address;
    private int port;
    private ForwardingMethod method = ForwardingMethod.ROUTE;
    private int weight = 1;
    private int upper;
    private int lower;
    private TunnelSettings.Type tunnel = TunnelSettings.Type.IPIP;
    private int tunnelPort;
    private TunnelSettings.Checksum checksum = TunnelSettings.Checksum.NONE;

    /** Reads the server's address; without a port it gets the one of the service read so far. */
    void address(String text, ServiceArguments service, Names names) throws UsageException {
        Endpoint endpoint = Endpoint.parse(text, service.protocol(), names);
        if (endpoint == null) {
            throw UsageException.fault("illegal real server address[:port] specified");
        }
        address = endpoint.address();
        port = endpoint.port() == Endpoint.NO_PORT ? service.port() : endpoint.port();
    }

    void method(ForwardingMethod chosen) {
        method = chosen;
    }

    void weight(String text) throws UsageException {
        weight = number(text, 0, Integer.MAX_VALUE, "illegal weight specified");
    }

    void upper(String text) throws UsageException {
        upper = number(text, 0, Integer.MAX_VALUE, "illegal u_threshold specified");
    }

    void lower(String text) throws UsageException {
        lower = number(text, 0, Integer.MAX_VALUE, "illegal l_threshold specified");
    }

    private static int number(String text, int min, int max, String fault) throws UsageException {
        int number = (int) Numeral.parse(text, min, max);
        if (number < 0) {
            throw UsageException.fault(fault);
        }
        return number;
    }

    void tunnel(String name) throws UsageException {
        for (TunnelSettings.Type type : TunnelSettings.Type.values()) {
            if (label(type).equals(name)) {
                tunnel = type;
                return;
            }
        }
        throw UsageException.fault("illegal tunnel type specified");
    }

    static String label(TunnelSettings.Type type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    void tunnelPort(String text) throws UsageException {
        tunnelPort = number(text, 1, LAST_PORT, "illegal tunnel port specified");
    }

    void checksum(TunnelSettings.Checksum kind) {
        checksum = kind;
    }

    /** Completes the server once all is read, and finds what does not go together. */
    void finish(ServiceArguments service, Set<Option> given) throws UsageException {
        // Neither method translates, so the server has to listen where the client aims; ipvsadm
        // puts the service's port there without a word. The port of a mark is not known.
        if (!service.isMark() && method != ForwardingMethod.MASQUERADE) {
            port = service.port();
        }
        boolean otherFamily = address != null && address.ipv6() != service.isIpv6();
        if (otherFamily && method != ForwardingMethod.TUNNEL) {
            throw UsageException.fault(
                    "Different address family is allowed only for tunneling servers");
        }
        Set<Option> tunnelOptions = EnumSet.copyOf(TUNNEL_OPTIONS);
        tunnelOptions.retainAll(given);
        if (tunnelOptions.isEmpty()) {
            return;
        }
        if (method != ForwardingMethod.TUNNEL) {
            throw UsageException.fault("Tunnel options conflict with forward method");
        }
        requirements().check(tunnelOptions);
    }

    private Requirements requirements() {
        Set<Option> type = EnumSet.of(Option.TUN_TYPE);
        Set<Option> none = EnumSet.noneOf(Option.class);
        String subject = "'" + label(tunnel) + "' tunnel type";
        return switch (tunnel) {
            case IPIP -> new Requirements(subject, none, type, none);
            case GUE ->
                    new Requirements(
                            subject,
                            EnumSet.of(Option.TUN_PORT),
                            type,
                            EnumSet.of(Option.TUN_NOCSUM, Option.TUN_CSUM, Option.TUN_REMCSUM));
            case GRE ->
                    new Requirements(
                            subject, none, type, EnumSet.of(Option.TUN_NOCSUM, Option.TUN_CSUM));
        };
    }

    /** The server, or null if none was named. */
    @Nullable ServerId id() {
        return address == null ? null : new ServerId(address, port);
    }

    ServerSettings settings() {
        return new ServerSettings(
                method, weight, upper, lower, new TunnelSettings(tunnel, tunnelPort, checksum));
    }
}
