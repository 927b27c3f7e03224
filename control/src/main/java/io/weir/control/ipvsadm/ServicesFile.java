package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Names of ports as services(5) lists them: a name, {@code PORT/PROTOCOL} and other names a line.
 * Of several lines for a name or a port the first counts; a line that is none of this is passed
 * over, as the C library does.
 */
final class ServicesFile {
    private static final int LAST_PORT = 65535;
    private static final int MAX_ENTRIES = 100_000;

    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();

    ServicesFile(String text) {
        for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
            if (ports.size() >= MAX_ENTRIES) {
                return;
            }
            add(lines.next());
        }
    }

    private void add(String line) {
        int comment = line.indexOf('#');
        String[] words =
                (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
        if (words.length < 2) {
            return;
        }
        int slash = words[1].indexOf('/');
        long port = slash < 0 ? -1 : Numeral.parse(words[1].substring(0, slash), 0, LAST_PORT);
        if (port < 0) {
            return;
        }
        String protocol = words[1].substring(slash);
        names.putIfAbsent(port + protocol, words[0]);
        for (int i = 0; i < words.length; i++) {
            if (i != 1) {
                ports.putIfAbsent(words[i] + protocol, (int) port);
            }
        }
    }

    int port(String service, int protocol) {
        return ports.getOrDefault(service + suffix(protocol), Names.UNKNOWN_PORT);
    }

    @Nullable String service(int port, int protocol) {
        return names.get(port + suffix(protocol));
    }

    private static String suffix(int protocol) {
        return switch (protocol) {
            case ServiceId.TCP -> "/tcp";
            case ServiceId.UDP -> "/udp";
            case ServiceId.SCTP -> "/sctp";
            default -> "/";
        };
    }
}
