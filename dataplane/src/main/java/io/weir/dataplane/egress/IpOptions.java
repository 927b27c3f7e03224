package io.weir.dataplane.egress;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;

import java.util.function.LongSupplier;

/**
 * IPv4 options of packets that come in (RFC 791 3.1, RFC 1812 5.3.13): record route and timestamp
 * are filled in, source routes dropped, malformed options answered with a parameter problem (RFC
 * 792). Everything else stays as it is (recorded: ip-options). Owned by the worker.
 *
 * <p>As in the kernel, an option gets the address the packet was sent to, if that is the host's,
 * when it comes in, and another one when it is routed on ({@link #readdress}).
 */
public final class IpOptions {
    private static final int END = 0;
    private static final int NO_OPERATION = 1;
    private static final int RECORD_ROUTE = 7;
    private static final int TIMESTAMP = 68;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;
    private static final int ROUTER_ALERT = 148;

    private static final int TIMES_ONLY = 0;
    private static final int TIMES_AND_ADDRESSES = 1;
    private static final int TIMES_OF_GIVEN_ADDRESSES = 3;
    private static final int MOST_MISSED = 15;

    private static final int LENGTH = 1;
    private static final int POINTER = 2;
    private static final int MISSED_AND_KIND = 3;
    private static final int ADDRESS_BYTES = 4;

    private static final int GOOD = 0;
    private static final long DAY_MILLIS = 86_400_000;

    private final Network network;
    private final IcmpErrors errors;
    private final DropCounters drops;
    private final LongSupplier universalTime;

    // What was found in the packet at hand.
    private int address;
    private int route;
    private int stamp;
    private boolean routeFilled;
    private boolean stampFilled;
    private boolean sourceRouted;
    private boolean changed;

    /**
     * For a worker.
     *
     * @param universalTime milliseconds since 1970, for timestamps
     */
    public IpOptions(
            Network network, IcmpErrors errors, DropCounters drops, LongSupplier universalTime) {
        this.network = network;
        this.errors = errors;
        this.drops = drops;
        this.universalTime = universalTime;
    }

    /**
     * Takes up the options of a packet that has come in.
     *
     * @return false if it was dropped
     */
    public boolean receive(Packet packet) {
        if (packet.ipv6() || packet.ipHeaderBytes() == Ipv4.MIN_HEADER_BYTES) {
            return true;
        }
        route = 0;
        stamp = 0;
        routeFilled = false;
        stampFilled = false;
        sourceRouted = false;
        changed = false;
        int destination = packet.destination();
        address = network.isLocal(destination) ? destination : network.sourceFor(packet.source());
        int fault = walk(packet.ip(), packet.ipHeaderBytes());
        if (changed) {
            Ipv4.setChecksum(packet.ip(), InternetChecksum.ipv4Header(packet.ip()));
        }
        if (fault != GOOD) {
            errors.parameterProblem(packet, fault);
            drops.drop(packet, DropReason.IP_OPTION_INVALID);
            return false;
        }
        if (sourceRouted) {
            drops.drop(packet, DropReason.SOURCE_ROUTED);
            return false;
        }
        packet.setRecorded(routeFilled ? route : 0, stampFilled ? stamp : 0);
        return true;
    }

    /** Returns the offset of the first byte that makes no sense, or {@link #GOOD}. */
    private int walk(long ip, int end) {
        int at = Ipv4.MIN_HEADER_BYTES;
        while (at < end) {
            int type = Memory.u8(ip + at);
            if (type == END) {
                clear(ip, at + 1, end);
                return GOOD;
            }
            if (type == NO_OPERATION) {
                at++;
                continue;
            }
            int length = at + LENGTH < end ? Memory.u8(ip + at + LENGTH) : 0;
            if (length < 2 || at + length > end) {
                return at;
            }
            int fault = option(ip, at, type, length);
            if (fault != GOOD) {
                return fault;
            }
            at += length;
        }
        return GOOD;
    }

    private void clear(long ip, int from, int end) {
        for (int at = from; at < end; at++) {
            changed |= Memory.u8(ip + at) != END;
        }
        Memory.fill(ip + from, end - from, (byte) END);
    }

    private int option(long ip, int at, int type, int length) {
        return switch (type) {
            case RECORD_ROUTE -> recordRoute(ip, at, length);
            case TIMESTAMP -> timestamp(ip, at, length);
            case LOOSE_SOURCE_ROUTE, STRICT_SOURCE_ROUTE -> sourceRoute(ip, at, length);
            case ROUTER_ALERT -> length < 4 ? at + LENGTH : GOOD;
            default -> GOOD;
        };
    }

    private int sourceRoute(long ip, int at, int length) {
        if (length < 3) {
            return at + LENGTH;
        }
        if (Memory.u8(ip + at + POINTER) < 4) {
            return at + POINTER;
        }
        if (sourceRouted) {
            return at;
        }
        sourceRouted = true;
        return GOOD;
    }

    private int recordRoute(long ip, int at, int length) {
        if (route != 0) {
            return at;
        }
        if (length < 3) {
            return at + LENGTH;
        }
        int pointer = Memory.u8(ip + at + POINTER);
        if (pointer < 4 || (pointer <= length && pointer + 3 > length)) {
            return at + POINTER;
        }
        route = at;
        if (pointer <= length) {
            put(ip + at + pointer - 1, address);
            Memory.putU8(ip + at + POINTER, pointer + ADDRESS_BYTES);
            routeFilled = true;
        }
        return GOOD;
    }

    private int timestamp(long ip, int at, int length) {
        if (stamp != 0) {
            return at;
        }
        if (length < 4) {
            return at + LENGTH;
        }
        int pointer = Memory.u8(ip + at + POINTER);
        int kind = Memory.u8(ip + at + MISSED_AND_KIND) & 0xf;
        if (pointer < 5) {
            return at + POINTER;
        }
        if (pointer > length) {
            return missed(ip, at, kind);
        }
        boolean both = kind == TIMES_AND_ADDRESSES || kind == TIMES_OF_GIVEN_ADDRESSES;
        if (pointer + (both ? 7 : 3) > length) {
            return at + POINTER;
        }
        stamp = at;
        stamp(ip, at, pointer, kind);
        return GOOD;
    }

    private void stamp(long ip, int at, int pointer, int kind) {
        long field = ip + at + pointer - 1;
        switch (kind) {
            case TIMES_ONLY -> {
                put(field, now());
                Memory.putU8(ip + at + POINTER, pointer + 4);
            }
            case TIMES_AND_ADDRESSES -> {
                put(field, address);
                put(field + ADDRESS_BYTES, now());
                Memory.putU8(ip + at + POINTER, pointer + 8);
                stampFilled = true;
            }
            case TIMES_OF_GIVEN_ADDRESSES -> {
                if (network.isLocal(Memory.u32(field))) {
                    put(field + ADDRESS_BYTES, now());
                    Memory.putU8(ip + at + POINTER, pointer + 8);
                }
            }
            default -> {}
        }
    }

    /** Counts a time for which there was no room. */
    private int missed(long ip, int at, int kind) {
        stamp = at;
        if (kind == TIMES_OF_GIVEN_ADDRESSES) {
            return GOOD;
        }
        int missed = Memory.u8(ip + at + MISSED_AND_KIND) >>> 4;
        if (missed == MOST_MISSED) {
            return at + MISSED_AND_KIND;
        }
        Memory.putU8(ip + at + MISSED_AND_KIND, (missed + 1) << 4 | kind);
        changed = true;
        return GOOD;
    }

    private void put(long field, int value) {
        Memory.putU32(field, value);
        changed = true;
    }

    private int now() {
        return (int) Math.floorMod(universalTime.getAsLong(), DAY_MILLIS);
    }

    /** Whether {@link #receive} filled an address into the packet. */
    public static boolean recorded(Packet packet) {
        return (packet.recordedRoute() | packet.recordedStamp()) != 0;
    }

    /**
     * Replaces the address that {@link #receive} filled in, in a packet that is routed on: the
     * virtual address in a translated reply (recorded: ip-options), the one on the way out
     * otherwise.
     */
    public static void readdress(Packet packet, int address) {
        long ip = packet.ip();
        int route = packet.recordedRoute();
        if (route != 0) {
            Memory.putU32(ip + route + Memory.u8(ip + route + POINTER) - 5, address);
        }
        int stamp = packet.recordedStamp();
        if (stamp != 0) {
            Memory.putU32(ip + stamp + Memory.u8(ip + stamp + POINTER) - 9, address);
        }
        Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
    }
}
