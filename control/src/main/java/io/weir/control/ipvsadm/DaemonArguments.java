package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

/** Checks what a command line says of the connection synchronisation daemon. */
final class DaemonArguments {
    private static final int MAX_SYNC_ID = 255;

    /** The longest message that fits with its IPv4 and UDP header into a datagram, less 8. */
    private static final int MAX_MESSAGE = 65535 - 20 - 8;

    private static final int LAST_PORT = 65535;
    private static final int MAX_TTL = 255;

    private DaemonArguments() {}

    static void state(String text, String fault) throws UsageException {
        if (!text.equals("master") && !text.equals("backup")) {
            throw UsageException.fault(fault);
        }
    }

    static void check(Switch what, String text) throws UsageException {
        switch (what) {
            case SYNC_ID -> number(text, 0, MAX_SYNC_ID, "syncid");
            case SYNC_MAXLEN -> number(text, 1, MAX_MESSAGE, "sync-maxlen");
            case MCAST_PORT -> number(text, 1, LAST_PORT, "mcast-port");
            case MCAST_TTL -> number(text, 1, MAX_TTL, "mcast-ttl");
            case MCAST_GROUP -> group(text);
            default -> {
                // An interface name is taken as it is.
            }
        }
    }

    private static void number(String text, int min, int max, String name) throws UsageException {
        if (Numeral.parse(text, min, max) < 0) {
            throw UsageException.fault("illegal " + name + " specified");
        }
    }

    private static void group(String text) throws UsageException {
        boolean ipv6 = text.indexOf(':') >= 0;
        IpAddress address = IpAddress.parse(text);
        // RFC 5771 §3 and RFC 4291 §2.7: 224.0.0.0/4 and ff00::/8.
        boolean multicast =
                address != null
                        && (ipv6 ? address.high() >>> 56 == 0xff : address.low() >>> 28 == 0xe);
        if (!multicast) {
            throw UsageException.fault(
                    "invalid " + (ipv6 ? "IPv6" : "IPv4") + " mcast-group `" + text + "'");
        }
    }
}
