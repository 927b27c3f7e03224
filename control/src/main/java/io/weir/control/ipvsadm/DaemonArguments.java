package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncRole;

import org.jspecify.annotations.Nullable;

/** Gathers and checks what a command line says of the connection synchronisation daemon. */
final class DaemonArguments {
    private static final int MAX_SYNC_ID = 255;

    /** The longest message that fits with its IPv4 and UDP header into a datagram. */
    private static final int MAX_MESSAGE = 65535 - 20 - 8;

    private static final int LAST_PORT = 65535;
    private static final int MAX_TTL = 255;

    private @Nullable SyncRole role;
    private String interfaceName = "eth0";
    private int syncId;
    private int maxLength;
    private IpAddress group = SyncDaemon.DEFAULT_GROUP;
    private int port = SyncDaemon.DEFAULT_PORT;
    private int ttl = SyncDaemon.DEFAULT_TTL;

    void role(String text, String fault) throws UsageException {
        role = SyncRole.named(text);
        if (role == null) {
            throw UsageException.fault(fault);
        }
    }

    void read(Switch what, String text) throws UsageException {
        switch (what) {
            case MCAST_INTERFACE -> interfaceName = text;
            case SYNC_ID -> syncId = number(text, 0, MAX_SYNC_ID, "syncid");
            case SYNC_MAXLEN -> maxLength = number(text, 1, MAX_MESSAGE, "sync-maxlen");
            case MCAST_PORT -> port = number(text, 1, LAST_PORT, "mcast-port");
            case MCAST_TTL -> ttl = number(text, 1, MAX_TTL, "mcast-ttl");
            case MCAST_GROUP -> group = group(text);
            default -> {
                // Says nothing of a daemon.
            }
        }
    }

    /** The daemon of a command that begins with one; null for every other. */
    @Nullable SyncDaemon daemon() {
        return role == null
                ? null
                : new SyncDaemon(role, interfaceName, syncId, maxLength, group, port, ttl);
    }

    private static int number(String text, int min, int max, String name) throws UsageException {
        long number = Numeral.parse(text, min, max);
        if (number < 0) {
            throw UsageException.fault("illegal " + name + " specified");
        }
        return (int) number;
    }

    private static IpAddress group(String text) throws UsageException {
        boolean ipv6 = text.indexOf(':') >= 0;
        IpAddress address = IpAddress.parse(text);
        // RFC 5771 §3 and RFC 4291 §2.7: 224.0.0.0/4 and ff00::/8.
        if (address == null
                || !(ipv6 ? address.high() >>> 56 == 0xff : address.low() >>> 28 == 0xe)) {
            throw UsageException.fault(
                    "invalid " + (ipv6 ? "IPv6" : "IPv4") + " mcast-group `" + text + "'");
        }
        return address;
    }
}
