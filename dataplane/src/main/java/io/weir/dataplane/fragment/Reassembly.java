package io.weir.dataplane.fragment;

import static io.weir.dataplane.fragment.DatagramTable.NONE;

import io.weir.dataplane.checksum.InternetChecksum;
import io.weir.dataplane.fragment.ReceivedRanges.Outcome;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.header.Ipv6Fragment;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.parse.ExtensionHeaders;

import java.util.function.Consumer;

/**
 * Datagrams of which some fragments have arrived (RFC 791 3.2, RFC 815, RFC 8200 4.5). Owned by the
 * worker.
 *
 * <p>Each has room for the longest there is, so that the whole one lies in one piece, with headroom
 * before it. A fragment that contradicts what is there ends its datagram: one that overlaps another
 * in part, ends elsewhere than the last one did, or is empty. A second copy is left out. So does
 * the kernel.
 *
 * <p>A stranger who never sends the rest uses up memory until the time is over. When all is in use
 * the oldest datagram makes room; a source that has a quarter of all makes room for itself.
 */
public final class Reassembly implements AutoCloseable {
    /** The datagrams in progress that a daemon has room for, with 66 KiB each. */
    public static final int DEFAULT_DATAGRAMS = 256;

    /** The most that can be asked for: 4.1 GiB. */
    public static final int MOST_DATAGRAMS = 1 << 16;

    /** How long a datagram's fragments may take to arrive: the kernel's ipfrag_time. */
    static final long TIMEOUT_MILLIS = 30_000;

    /** The same of IPv6 (RFC 8200 4.5). */
    static final long IPV6_TIMEOUT_MILLIS = 60_000;

    /** The most fragments of one datagram; 65,535 bytes over links of 576 need 119. */
    static final int MAX_FRAGMENTS = 128;

    /**
     * In IPv4, how many fragments of other datagrams from the same source may come in between;
     * beyond them it is likely that the source has used the identification again (the kernel's
     * ipfrag_max_dist; RFC 4963).
     */
    static final int MAX_DISTANCE = 64;

    private static final int HEADER_ROOM = Ethernet.HEADER_BYTES + Fragment.MAX_HEADER_BYTES + 2;
    private static final int SLOT_BYTES = 66 << 10;
    private static final int UNKNOWN = -1;
    private static final int ECN_CONGESTION = 3;

    private final DropCounters drops;
    private final Consumer<Packet> onTimeout;
    private final int mostOfSource;
    private final DatagramTable table;
    private final ReceivedRanges received;
    private final NativeBlock memory;
    private final Fragment fragment = new Fragment();
    private final Packet timedOut = new Packet();

    private final long[] deadline;
    private final int[] fragments;
    private final int[] length;
    private final int[] reach;
    private final int[] headerBytes;
    private final int[] firstBytes;
    private final int[] largest;
    private final int[] largestUncut;
    private final int[] codepoints;
    private final int[] arrival;
    private final boolean[] ipv6;
    private final int[] namedAt;
    private final int[] whole;
    private int wholeCount;
    private long held;

    /**
     * Makes room.
     *
     * @param datagrams the most in progress at one time, at least 1
     * @param seed hides which sources are taken for the same
     * @param onTimeout is told of the first fragment of a datagram whose rest did not come
     */
    public Reassembly(int datagrams, long seed, DropCounters drops, Consumer<Packet> onTimeout) {
        this.drops = drops;
        this.onTimeout = onTimeout;
        mostOfSource = Math.max(1, datagrams / 4);
        table = new DatagramTable(datagrams, seed);
        received = new ReceivedRanges(datagrams, MAX_FRAGMENTS);
        memory = new NativeBlock((long) datagrams * SLOT_BYTES);
        deadline = new long[datagrams];
        fragments = new int[datagrams];
        length = new int[datagrams];
        reach = new int[datagrams];
        headerBytes = new int[datagrams];
        firstBytes = new int[datagrams];
        largest = new int[datagrams];
        largestUncut = new int[datagrams];
        codepoints = new int[datagrams];
        arrival = new int[datagrams];
        ipv6 = new boolean[datagrams];
        namedAt = new int[datagrams];
        whole = new int[datagrams];
    }

    /**
     * Takes an IPv4 fragment. The packet is held, dropped, or becomes the whole datagram, which
     * stays in memory until {@link #release}.
     *
     * @return true if the packet is the whole datagram now, to be parsed again
     */
    public boolean add(Packet packet, long nowMillis) {
        fragment.readIpv4(packet);
        return take(packet, nowMillis);
    }

    /**
     * Takes an IPv6 fragment, as {@link #add} does.
     *
     * @param extensions what the parser found of its headers
     */
    public boolean addIpv6(Packet packet, ExtensionHeaders extensions, long nowMillis) {
        fragment.readIpv6(packet, extensions);
        return take(packet, nowMillis);
    }

    private boolean take(Packet packet, long nowMillis) {
        int slot = table.find(fragment);
        if (!fragment.possible()) {
            return refuse(slot, packet, DropReason.FRAGMENT_INVALID);
        }
        int source = table.source(fragment);
        int arrived = table.arrived(source);
        if (slot == NONE) {
            slot = begin(source, nowMillis);
            if (slot == NONE) {
                return refuse(slot, packet, DropReason.REASSEMBLY_FULL);
            }
        } else if (!fragment.ipv6() && arrived - arrival[slot] > MAX_DISTANCE) {
            countDropped(slot, DropReason.REASSEMBLY_TIMEOUT);
            table.renew(slot);
            reset(slot, nowMillis);
        }
        arrival[slot] = arrived;
        if (contradicts(slot)) {
            return refuse(slot, packet, DropReason.FRAGMENT_INVALID);
        }
        if (fragments[slot] == MAX_FRAGMENTS) {
            return refuse(slot, packet, DropReason.FRAGMENTS_TOO_MANY);
        }
        Outcome outcome = received.add(slot, fragment.offset(), fragment.end());
        if (outcome == Outcome.DUPLICATE) {
            return refuse(NONE, packet, DropReason.FRAGMENT_DUPLICATE);
        }
        if (outcome == Outcome.OVERLAP) {
            return refuse(slot, packet, DropReason.FRAGMENT_OVERLAP);
        }
        keep(slot);
        if (length[slot] == UNKNOWN || !received.complete(slot, length[slot])) {
            packet.decide(Verdict.HELD);
            held++;
            return false;
        }
        return finish(slot, packet);
    }

    private int begin(int source, long nowMillis) {
        if (table.share(source) >= mostOfSource) {
            discard(table.oldestOf(source), DropReason.REASSEMBLY_FULL);
        } else if (table.full()) {
            if (table.oldest() == NONE) {
                return NONE;
            }
            discard(table.oldest(), DropReason.REASSEMBLY_FULL);
        }
        int slot = table.add(fragment);
        reset(slot, nowMillis);
        return slot;
    }

    private void reset(int slot, long nowMillis) {
        received.clear(slot);
        ipv6[slot] = fragment.ipv6();
        deadline[slot] = nowMillis + (ipv6[slot] ? IPV6_TIMEOUT_MILLIS : TIMEOUT_MILLIS);
        fragments[slot] = 0;
        length[slot] = UNKNOWN;
        reach[slot] = 0;
        headerBytes[slot] = 0;
        largest[slot] = 0;
        largestUncut[slot] = 0;
        codepoints[slot] = 0;
    }

    // The end of the last fragment is the datagram's, and nothing reaches beyond it.
    private boolean contradicts(int slot) {
        int end = fragment.end();
        boolean known = length[slot] != UNKNOWN;
        if (fragment.last()) {
            if (end < reach[slot] || (known && end != length[slot])) {
                return true;
            }
            length[slot] = end;
        } else if (known && end > length[slot]) {
            return true;
        }
        reach[slot] = Math.max(reach[slot], end);
        return false;
    }

    private void keep(int slot) {
        long payload = payload(slot);
        int bytes = fragment.end() - fragment.offset();
        Memory.copy(fragment.payload(), payload + fragment.offset(), bytes);
        if (fragment.offset() == 0) {
            int header = Ethernet.HEADER_BYTES + fragment.headerBytes();
            Memory.copy(fragment.frame(), payload - header, header);
            headerBytes[slot] = fragment.headerBytes();
            firstBytes[slot] = fragment.headerBytes() + bytes;
            namedAt[slot] = fragment.namedAt();
        }
        fragments[slot]++;
        codepoints[slot] |= fragment.ecn();
        largest[slot] = Math.max(largest[slot], fragment.packetBytes());
        if (fragment.dontFragment()) {
            largestUncut[slot] = Math.max(largestUncut[slot], fragment.packetBytes());
        }
    }

    private boolean finish(int slot, Packet packet) {
        int codepoint = congestion(codepoints[slot]);
        int total = ipv6[slot] ? payloadBytes(slot) : headerBytes[slot] + length[slot];
        if (total > Fragment.MAX_BYTES || codepoint < 0) {
            packet.decide(Verdict.DROP);
            held++;
            discard(slot, DropReason.FRAGMENT_INVALID);
            return false;
        }
        long ip = ipv6[slot] ? wholeIpv6(slot, codepoint) : wholeIpv4(slot, codepoint);
        int bytes = (int) (payload(slot) - ip) + length[slot];
        packet.reassembled(
                ip - Ethernet.HEADER_BYTES, Ethernet.HEADER_BYTES + bytes, largest[slot]);
        table.remove(slot);
        whole[wholeCount++] = slot;
        return true;
    }

    private long wholeIpv4(int slot, int codepoint) {
        long ip = payload(slot) - headerBytes[slot];
        // What the largest fragment must not be, cut again, the whole must not be either.
        boolean uncut = largestUncut[slot] == largest[slot];
        Ipv4.setTypeOfService(ip, Ipv4.typeOfService(ip) | codepoint);
        Ipv4.setTotalLength(ip, headerBytes[slot] + length[slot]);
        Ipv4.setFlagsAndOffset(ip, uncut ? Ipv4.DONT_FRAGMENT : 0);
        Ipv4.setChecksum(ip, InternetChecksum.ipv4Header(ip));
        return ip;
    }

    // The fragment header goes; what was before it moves up (RFC 8200 4.5).
    private long wholeIpv6(int slot, int codepoint) {
        long from = payload(slot) - headerBytes[slot];
        long ip = from + Ipv6Fragment.HEADER_BYTES;
        int nextHeader = Ipv6Fragment.nextHeader(payload(slot) - Ipv6Fragment.HEADER_BYTES);
        int moved = Ethernet.HEADER_BYTES + headerBytes[slot] - Ipv6Fragment.HEADER_BYTES;
        Memory.copy(from - Ethernet.HEADER_BYTES, ip - Ethernet.HEADER_BYTES, moved);
        Memory.putU8(ip + namedAt[slot], nextHeader);
        Ipv6.setTrafficClass(ip, Ipv6.trafficClass(ip) | codepoint);
        Ipv6.setPayloadLength(ip, payloadBytes(slot));
        return ip;
    }

    private int payloadBytes(int slot) {
        int extensions = headerBytes[slot] - Ipv6Fragment.HEADER_BYTES - Ipv6.HEADER_BYTES;
        return extensions + length[slot];
    }

    /**
     * What to add to the ECN field: congestion met by one fragment was met by all (RFC 3168 5.3).
     *
     * @return -1 if some fragments were ECN capable and others not, which no sender does
     */
    private static int congestion(int seen) {
        boolean notCapable = (seen & 1) != 0;
        if (notCapable) {
            return seen == 1 ? 0 : -1;
        }
        return (seen & 1 << ECN_CONGESTION) != 0 ? ECN_CONGESTION : 0;
    }

    /** Drops a fragment, and with it the datagram that it spoils. */
    private boolean refuse(int slot, Packet packet, DropReason reason) {
        drops.drop(packet, reason);
        if (slot != NONE) {
            discard(slot, reason);
        }
        return false;
    }

    private void discard(int slot, DropReason reason) {
        countDropped(slot, reason);
        table.remove(slot);
        table.release(slot);
    }

    private void countDropped(int slot, DropReason reason) {
        drops.count(reason, fragments[slot]);
        held -= fragments[slot];
    }

    /**
     * The fragments that were neither dropped nor went on by themselves: they wait for others, or
     * became a part of a datagram that did. Any thread may read some recent number.
     */
    public long held() {
        return held;
    }

    /** Lets go of the whole datagrams; nothing queued may refer to them any more. */
    public void release() {
        while (wholeCount > 0) {
            table.release(whole[--wholeCount]);
        }
    }

    /**
     * Gives up datagrams whose time is over, the oldest first, up to {@code budget} of them.
     *
     * @return how many
     */
    public int expire(long nowMillis, int budget) {
        int expired = 0;
        int slot = table.oldest();
        while (slot != NONE && expired < budget) {
            int next = table.newer(slot);
            long left = deadline[slot] - nowMillis;
            if (left > (ipv6[slot] ? IPV6_TIMEOUT_MILLIS - TIMEOUT_MILLIS : 0)) {
                // Whatever began later has time left, too.
                return expired;
            }
            if (left <= 0) {
                if (headerBytes[slot] != 0) {
                    tell(slot);
                }
                discard(slot, DropReason.REASSEMBLY_TIMEOUT);
                expired++;
            }
            slot = next;
        }
        return expired;
    }

    private void tell(int slot) {
        long ip = payload(slot) - headerBytes[slot];
        timedOut.reassembled(
                ip - Ethernet.HEADER_BYTES, Ethernet.HEADER_BYTES + firstBytes[slot], 0);
        timedOut.setIp(ip, headerBytes[slot], firstBytes[slot]);
        if (ipv6[slot]) {
            int protocol = Ipv6Fragment.nextHeader(payload(slot) - Ipv6Fragment.HEADER_BYTES);
            timedOut.endpoints()
                    .setV6(
                            protocol,
                            Ipv6.sourceHigh(ip),
                            Ipv6.sourceLow(ip),
                            Ipv6.destinationHigh(ip),
                            Ipv6.destinationLow(ip));
        } else {
            timedOut.setAddresses(Ipv4.protocol(ip), Ipv4.source(ip), Ipv4.destination(ip));
        }
        onTimeout.accept(timedOut);
    }

    private long payload(int slot) {
        return memory.address()
                + (long) slot * SLOT_BYTES
                + PacketPort.HEADROOM_BYTES
                + HEADER_ROOM;
    }

    @Override
    public void close() {
        memory.close();
    }
}
