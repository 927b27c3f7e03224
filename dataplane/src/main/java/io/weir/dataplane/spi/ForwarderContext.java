package io.weir.dataplane.spi;

import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.service.Sysctls;

/**
 * What a forwarder may use of its worker.
 *
 * @param network routes and the host's own addresses
 * @param own the source of identifications for packets made here
 * @param drops where it counts what it cannot forward
 * @param servers the real servers, with what is set for each
 * @param sysctls the settings of net.ipv4.vs
 */
public record ForwarderContext(
        Network network,
        OwnPackets own,
        DropCounters drops,
        ServerLookup servers,
        Sysctls sysctls) {}
