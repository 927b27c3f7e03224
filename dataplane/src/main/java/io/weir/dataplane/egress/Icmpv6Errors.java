package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Icmp;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

/**
 * Sends ICMPv6 errors about packets (RFC 4443), as the kernel makes them: at most 1280 bytes,
 * traffic class 0, from the address the packet was sent to if that is the host's own and from the
 * way back's otherwise (recorded: ipv6-icmp-1). Owned by the worker.
 */
final class Icmpv6Errors {
    private static final int MAX_QUOTE_BYTES = 1280 - Ipv6.HEADER_BYTES - Icmp.HEADER_BYTES;
    private static final int NEXT_HEADER_POINTER = 6;

    private final OwnPackets own;
    private final Network network;
    private final DropCounters drops;
    private final CachedClock clock;
    private final TokenBucket limit;
    private IcmpErrors.Listener listener = (about, bytes) -> {};

    Icmpv6Errors(
            OwnPackets own,
            Network network,
            DropCounters drops,
            CachedClock clock,
            TokenBucket limit) {
        this.own = own;
        this.network = network;
        this.drops = drops;
        this.clock = clock;
        this.limit = limit;
    }

    /** Tells the sender that nobody here speaks the protocol (RFC 4443 section 3.4). */
    void unrecognizedNextHeader(Packet about) {
        // The field that names it is the IPv6 header's, or the last extension header's first byte.
        int pointer = pointerTo(about);
        send(about, Icmp.V6_PARAMETER_PROBLEM, Icmp.V6_CODE_UNRECOGNIZED_NEXT_HEADER, pointer);
    }

    private static int pointerTo(Packet about) {
        if (about.ipHeaderBytes() == Ipv6.HEADER_BYTES) {
            return NEXT_HEADER_POINTER;
        }
        int at = Ipv6.HEADER_BYTES;
        int header = Ipv6.nextHeader(about.ip());
        while (true) {
            int next = at + extensionBytes(header, about.ip() + at);
            if (next >= about.ipHeaderBytes()) {
                return at;
            }
            header = Memory.u8(about.ip() + at);
            at = next;
        }
    }

    private static int extensionBytes(int header, long address) {
        return switch (header) {
            case 44 -> 8;
            case 51 -> (Memory.u8(address + 1) + 2) * 4;
            default -> (Memory.u8(address + 1) + 1) * 8;
        };
    }

    void listen(IcmpErrors.Listener hears) {
        listener = hears;
    }

    /** Sends an error unless none may be sent about this packet (RFC 4443 section 2.4 (e)). */
    void send(Packet about, int type, int code, int rest) {
        if (about.ip() == 0 || isError(about)) {
            return;
        }
        long about6 = about.ip();
        long sourceHigh = Ipv6.destinationHigh(about6);
        long sourceLow = Ipv6.destinationLow(about6);
        if (!network.isLocal(sourceHigh, sourceLow)) {
            IpAddress chosen = network.sourceFor(Ipv6.sourceHigh(about6), Ipv6.sourceLow(about6));
            if (chosen == null) {
                drops.count(DropReason.NO_ROUTE);
                return;
            }
            sourceHigh = chosen.high();
            sourceLow = chosen.low();
        }
        long ip = limit.take(clock.millis()) ? own.begin() : 0;
        if (ip == 0) {
            drops.count(DropReason.ICMP_LIMITED);
            return;
        }
        int quote = Math.min(about.ipBytes(), MAX_QUOTE_BYTES);
        long icmp = ip + Ipv6.HEADER_BYTES;
        Icmp.setType(icmp, type);
        Icmp.setCode(icmp, code);
        Icmp.setRest(icmp, rest);
        Memory.copy(about6, icmp + Icmp.HEADER_BYTES, quote);
        int bytes = Icmp.HEADER_BYTES + quote;
        long toHigh = Ipv6.sourceHigh(about6);
        long toLow = Ipv6.sourceLow(about6);
        Ipv6.setSource(ip, sourceHigh, sourceLow);
        Ipv6.setDestination(ip, toHigh, toLow);
        Icmp.setChecksum(icmp, InternetChecksum.transportV6(ip, icmp, bytes, Ipv4.PROTOCOL_ICMPV6));
        own.sendV6(ip, bytes, 0, Ipv4.PROTOCOL_ICMPV6, sourceHigh, sourceLow, toHigh, toLow);
        listener.sent(about, Ipv6.HEADER_BYTES + bytes);
    }

    // A part of a datagram may be one of an error's: nothing is said about any but the first.
    private static boolean isError(Packet about) {
        if (about.protocol() != Ipv4.PROTOCOL_ICMPV6) {
            return false;
        }
        return about.transportBytes() == 0 || Icmp.isV6Error(about.transport());
    }
}
