package io.weir.control.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether the host routes packets. A reply without a connection is the host's to route, as if the
 * balancer were not there.
 */
final class HostForwarding {
    private static final Path SETTINGS = Path.of("/proc/sys/net");

    private HostForwarding() {}

    static boolean ipv4() {
        return isOn("ipv4/ip_forward");
    }

    static boolean ipv6() {
        return isOn("ipv6/conf/all/forwarding");
    }

    private static boolean isOn(String setting) {
        try {
            return !Files.readString(SETTINGS.resolve(setting)).strip().equals("0");
        } catch (IOException e) {
            return false;
        }
    }
}
