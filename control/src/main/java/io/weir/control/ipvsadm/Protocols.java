package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ServiceId;

/** Names of IP protocols, as the kernel's IPVS shows them. */
final class Protocols {
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;

    private Protocols() {}

    static String name(int protocol) {
        return switch (protocol) {
            case 0 -> "IP";
            case ICMP -> "ICMP";
            case ICMPV6 -> "ICMPv6";
            case ServiceId.TCP -> "TCP";
            case ServiceId.UDP -> "UDP";
            case ServiceId.SCTP -> "SCTP";
            default -> "IP_" + protocol;
        };
    }
}
