package io.weir.control.lvscf;

import io.weir.control.config.PushConfig;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.PairReader.Pair;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Reads how the routers give each other their configuration. Where they do is seen from the pair's
 * addresses, unless the file says it, so that both can have the same file.
 */
final class PushReader {
    /** Beside Piranha's tool, which has 3636. */
    static final int PORT = 3637;

    private static final List<String> FILES = List.of("push_certificate", "push_key", "push_trust");
    private static final List<String> OTHERS =
            List.of("push_listen", "push_partner", "push_automatic");

    private final Section global;
    private final Values values;

    PushReader(Section global, Values values) {
        this.global = global;
        this.values = values;
    }

    /**
     * What the file says; null if it has no push keys.
     *
     * @param own the addresses of this host
     */
    @Nullable PushConfig read(Pair pair, Set<IpAddress> own) {
        InetSocketAddress listen = global.find("push_listen", this::socket);
        InetSocketAddress partner = global.find("push_partner", this::socket);
        Path certificate = global.find("push_certificate", Values::path);
        Path key = global.find("push_key", Values::path);
        Path trust = global.find("push_trust", Values::path);
        boolean automatic = global.read("push_automatic", false, Values::flag);
        boolean asked = false;
        for (String each : FILES) {
            asked |= global.has(each);
        }
        for (String each : OTHERS) {
            asked |= global.has(each);
        }
        if (!asked) {
            return null;
        }
        for (String file : FILES) {
            if (!global.has(file)) {
                global.fault("", "the routers trust each other by certificates; write " + file);
            }
        }
        if (certificate == null || key == null || trust == null) {
            return null;
        }
        boolean primary = pair.isPrimary(own);
        boolean either = primary || pair.isBackup(own);
        IpAddress mine = primary ? pair.primary() : pair.backup();
        IpAddress other = primary ? pair.backup() : pair.primary();
        return new PushConfig(
                listen != null || !either || mine == null ? listen : socket(mine, PORT),
                partner != null || !either || other == null ? partner : socket(other, PORT),
                certificate,
                key,
                trust,
                automatic);
    }

    private InetSocketAddress socket(Assignment assignment) throws LvsCfFault {
        List<String> words = assignment.values();
        return socket(
                values.host(words.getFirst()),
                words.size() == 1 ? PORT : values.port(words.get(1), ServiceId.TCP, 1));
    }

    private static InetSocketAddress socket(IpAddress address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
