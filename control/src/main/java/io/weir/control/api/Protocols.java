package io.weir.control.api;

import io.weir.dataplane.service.ServiceId;

/** The names of protocols in paths and documents. */
final class Protocols {
    private Protocols() {}

    static String name(int protocol) {
        return switch (protocol) {
            case ServiceId.TCP -> "tcp";
            case ServiceId.UDP -> "udp";
            case ServiceId.SCTP -> "sctp";
            default -> "ip";
        };
    }

    /** The protocol's number, or -1 if there is none of that name. */
    static int number(String name) {
        return switch (name) {
            case "tcp" -> ServiceId.TCP;
            case "udp" -> ServiceId.UDP;
            case "sctp" -> ServiceId.SCTP;
            default -> -1;
        };
    }
}
