package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * A host and maybe a port, as written for a service or a real server.
 *
 * @param port {@link #NO_PORT} if none was written
 */
record Endpoint(IpAddress address, int port) {
    static final int NO_PORT = -1;

    private static final int LAST_PORT = 65535;

    /**
     * Reads {@code HOST[:PORT]} or {@code [IPV6]:PORT} or {@code IPV6}.
     *
     * <p>As in ipvsadm, brackets demand a port, an IPv4 address in brackets loses it, and digits
     * alone are no host.
     *
     * @param protocol whose service names are meant, 0 for no names
     * @return null if it is neither
     */
    static @Nullable Endpoint parse(String text, int protocol, Names names) {
        if (Numeral.isDigits(text)) {
            return null;
        }
        String host = text;
        String port = null;
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            if (close < 0 || !text.startsWith(":", close + 1)) {
                return null;
            }
            host = text.substring(1, close);
            port = text.substring(close + 2);
        }
        IpAddress address = host.indexOf(':') < 0 ? null : IpAddress.parse(host);
        if (address == null) {
            int colon = host.lastIndexOf(':');
            port = colon < 0 ? null : host.substring(colon + 1);
            address = v4(colon < 0 ? host : host.substring(0, colon), names);
        }
        if (address == null) {
            return null;
        }
        int number = port == null ? NO_PORT : port(port, protocol, names);
        return port != null && number < 0 ? null : new Endpoint(address, number);
    }

    private static @Nullable IpAddress v4(String host, Names names) {
        IpAddress address = ClassicAddress.parse(host);
        return address != null || host.isEmpty() ? address : names.address(host);
    }

    private static int port(String text, int protocol, Names names) {
        int number = (int) Numeral.parse(text, 0, LAST_PORT);
        return number >= 0 ? number : names.port(text, protocol);
    }
}
