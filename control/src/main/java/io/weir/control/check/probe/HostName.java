package io.weir.control.check.probe;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

/**
 * Whom an HTTP request is for.
 *
 * @param header the Host header: a name or an address in brackets where needed, and a port unless
 *     it is the scheme's own; RFC 9110 §7.2
 * @param name the same without brackets and port, as TLS has it
 */
record HostName(String header, String name) {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    static HostName of(CheckConfig check, Probe.Http page) {
        String host = page.host();
        if (host != null) {
            return new HostName(host, withoutPort(host));
        }
        String address = check.address().toString();
        String header = check.address().ipv6() ? "[" + address + "]" : address;
        boolean usual = check.port() == (page.tls() ? HTTPS_PORT : HTTP_PORT);
        return new HostName(usual ? header : header + ":" + check.port(), address);
    }

    private static String withoutPort(String host) {
        if (host.startsWith("[")) {
            int end = host.indexOf(']');
            return end < 0 ? host : host.substring(1, end);
        }
        int colon = host.indexOf(':');
        return colon < 0 || host.indexOf(':', colon + 1) >= 0 ? host : host.substring(0, colon);
    }
}
