package io.weir.dataplane.service;

import io.weir.dataplane.net.IpAddress;

/**
 * What names a virtual service: protocol, address and port, or a firewall mark.
 *
 * @param protocol 6 TCP, 17 UDP, 132 SCTP; 0 for a mark
 * @param address the virtual address; the family's zero address for a mark
 * @param port the virtual port; 0 means every port (persistent services only) or a mark
 * @param mark the firewall mark, 0 for none
 */
public record ServiceId(int protocol, IpAddress address, int port, int mark) {
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int SCTP = 132;

    public static ServiceId of(int protocol, IpAddress address, int port) {
        return new ServiceId(protocol, address, port, 0);
    }

    public static ServiceId ofMark(int mark, boolean ipv6) {
        return new ServiceId(0, ipv6 ? IpAddress.v6(0, 0) : IpAddress.v4(0), 0, mark);
    }

    public boolean isMark() {
        return mark != 0;
    }
}
