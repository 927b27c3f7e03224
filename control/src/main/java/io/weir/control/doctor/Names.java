package io.weir.control.doctor;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServerListing;

/** How things are called in findings. */
final class Names {
    private Names() {}

    static String of(ServerListing server) {
        return endpoint(server.id().address(), server.id().port());
    }

    static String endpoint(IpAddress address, int port) {
        return (address.ipv6() ? "[" + address + "]" : address.toString()) + ":" + port;
    }

    /** An Ethernet address, as ip(8) shows it. */
    static String mac(long mac) {
        StringBuilder text = new StringBuilder();
        for (int shift = 40; shift >= 0; shift -= 8) {
            text.append(text.isEmpty() ? "" : ":");
            text.append("%02x".formatted(mac >>> shift & 0xff));
        }
        return text.toString();
    }
}
