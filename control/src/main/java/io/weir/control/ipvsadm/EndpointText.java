package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/** Writes addresses with ports, in numbers or in names. */
final class EndpointText {
    private static final long MAPPED_PREFIX = 0xffff;
    private static final int IP_V4_BITS = 32;

    private final Names names;

    private EndpointText(Names names) {
        this.names = names;
    }

    static EndpointText of(Names names, boolean numeric) {
        return new EndpointText(numeric ? Names.NONE : names);
    }

    /**
     * Appends {@code HOST:PORT}, the host of an IPv6 address in brackets.
     *
     * @param protocol whose port names are meant
     */
    void append(StringBuilder line, IpAddress address, int port, int protocol) {
        @Nullable String host = names.host(address);
        String text = host == null ? numeric(address) : host;
        if (address.ipv6()) {
            line.append('[').append(text).append(']');
        } else {
            line.append(text);
        }
        @Nullable String service = names.service(port, protocol);
        line.append(':');
        if (service == null) {
            line.append(port);
        } else {
            line.append(service);
        }
    }

    String text(IpAddress address, int port, int protocol) {
        StringBuilder text = new StringBuilder();
        append(text, address, port, protocol);
        return text.toString();
    }

    // The C library shows IPv4-mapped and IPv4-compatible addresses with a dotted quad.
    private static String numeric(IpAddress address) {
        long prefix = address.low() >>> IP_V4_BITS;
        long rest = address.low() & 0xffffffffL;
        if (address.ipv6() && address.high() == 0) {
            if (prefix == MAPPED_PREFIX) {
                return "::ffff:" + IpAddress.v4((int) rest);
            }
            if (prefix == 0 && rest > 0xffff) {
                return "::" + IpAddress.v4((int) rest);
            }
        }
        return address.toString();
    }
}
