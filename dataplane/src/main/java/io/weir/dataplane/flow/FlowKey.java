package io.weir.dataplane.flow;

import io.weir.dataplane.net.IpAddress;

/**
 * The client's and the virtual side of a flow, as schedulers hash them. An IPv4 address is the low
 * 32 bits of the low word, the rest zero.
 *
 * <p>Mutable and reused by its worker; nobody keeps a reference.
 */
public final class FlowKey {
    private boolean ipv6;
    private int protocol;
    private long clientHigh;
    private long clientLow;
    private int clientPort;
    private long virtualHigh;
    private long virtualLow;
    private int virtualPort;

    public FlowKey setV4(
            int protocolNumber,
            int client,
            int clientPortNumber,
            int virtual,
            int virtualPortNumber) {
        ipv6 = false;
        protocol = protocolNumber;
        clientHigh = 0;
        clientLow = client & 0xffffffffL;
        clientPort = clientPortNumber;
        virtualHigh = 0;
        virtualLow = virtual & 0xffffffffL;
        virtualPort = virtualPortNumber;
        return this;
    }

    public FlowKey setV6(
            int protocolNumber,
            IpAddress client,
            int clientPortNumber,
            IpAddress virtual,
            int virtualPortNumber) {
        ipv6 = true;
        protocol = protocolNumber;
        clientHigh = client.high();
        clientLow = client.low();
        clientPort = clientPortNumber;
        virtualHigh = virtual.high();
        virtualLow = virtual.low();
        virtualPort = virtualPortNumber;
        return this;
    }

    /** Takes the ends of a client's packet. */
    public FlowKey set(Endpoints packet) {
        ipv6 = packet.ipv6();
        protocol = packet.protocol();
        clientHigh = ipv6 ? packet.sourceHigh() : 0;
        clientLow = ipv6 ? packet.sourceLow() : packet.source() & 0xffffffffL;
        clientPort = packet.sourcePort();
        virtualHigh = ipv6 ? packet.destinationHigh() : 0;
        virtualLow = ipv6 ? packet.destinationLow() : packet.destination() & 0xffffffffL;
        virtualPort = packet.destinationPort();
        return this;
    }

    public boolean ipv6() {
        return ipv6;
    }

    public int protocol() {
        return protocol;
    }

    public long clientHigh() {
        return clientHigh;
    }

    public long clientLow() {
        return clientLow;
    }

    public int clientPort() {
        return clientPort;
    }

    public long virtualHigh() {
        return virtualHigh;
    }

    public long virtualLow() {
        return virtualLow;
    }

    public int virtualPort() {
        return virtualPort;
    }
}
