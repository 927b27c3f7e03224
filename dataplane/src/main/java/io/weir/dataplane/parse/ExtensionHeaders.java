package io.weir.dataplane.parse;

import io.weir.dataplane.header.Ipv6;
import io.weir.dataplane.memory.Memory;

/**
 * Walks over the extension headers of an IPv6 packet to its transport header (RFC 8200 section 4).
 *
 * <p>Holds what it found until the next walk; one instance belongs to one worker.
 */
public final class ExtensionHeaders {
    public static final int HOP_BY_HOP = 0;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int AUTHENTICATION = 51;
    public static final int NO_NEXT_HEADER = 59;
    public static final int DESTINATION_OPTIONS = 60;

    /** More than any sender has a reason for; a longer chain is refused. */
    public static final int MOST = 8;

    private static final int UNIT = 8;
    private static final int SEGMENTS_LEFT_OFFSET = 3;
    private static final int OFFSET_MASK = 0xfff8;
    private static final int MORE = 1;

    private int protocol;
    private int bytes;
    private long fragmentHeader;
    private int fragmentNamedAt;
    private boolean fragment;
    private boolean sourceRouted;

    /**
     * Walks from an IPv6 header on.
     *
     * @param ip the header, 40 bytes of which are there
     * @param available bytes from there on that may be read
     * @return false if the chain is too long, or does not end within these bytes
     */
    public boolean walk(long ip, int available) {
        protocol = Ipv6.nextHeader(ip);
        bytes = Ipv6.HEADER_BYTES;
        fragmentHeader = 0;
        int named = Ipv6.NEXT_HEADER_OFFSET;
        fragment = false;
        sourceRouted = false;
        for (int count = 0; isExtension(protocol); count++) {
            if (count == MOST || bytes + UNIT > available) {
                return false;
            }
            long header = ip + bytes;
            int length = length(header);
            if (bytes + length > available) {
                return false;
            }
            if (protocol == FRAGMENT) {
                fragmentNamedAt = named;
            }
            named = bytes;
            note(header);
            protocol = Memory.u8(header);
            bytes += length;
            if (laterFragment()) {
                // What follows is the middle of something.
                return true;
            }
        }
        return true;
    }

    private int length(long header) {
        if (protocol == FRAGMENT) {
            return UNIT;
        }
        int units = Memory.u8(header + 1);
        // RFC 4302 section 2.2: counted in 4 bytes, two less than there are.
        return protocol == AUTHENTICATION ? (units + 2) * 4 : (units + 1) * UNIT;
    }

    private void note(long header) {
        if (protocol == FRAGMENT) {
            fragmentHeader = header;
            // One that is the whole datagram is no fragment (RFC 6946).
            fragment = (Memory.u16(header + 2) & (OFFSET_MASK | MORE)) != 0;
        } else if (protocol == ROUTING) {
            boolean typeZero = Memory.u8(header + 2) == 0;
            sourceRouted |= typeZero && Memory.u8(header + SEGMENTS_LEFT_OFFSET) != 0;
        }
    }

    private static boolean isExtension(int nextHeader) {
        return nextHeader == HOP_BY_HOP
                || nextHeader == ROUTING
                || nextHeader == FRAGMENT
                || nextHeader == AUTHENTICATION
                || nextHeader == DESTINATION_OPTIONS;
    }

    /** What follows the last extension header; in a later fragment, what the first begins with. */
    public int protocol() {
        return protocol;
    }

    /** The IPv6 header and all extension headers, in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The address of the fragment header, 0 without one. */
    public long fragmentHeader() {
        return fragmentHeader;
    }

    /** Where the byte is that says the fragment header follows, counted from the IPv6 header. */
    public int fragmentNamedAt() {
        return fragmentNamedAt;
    }

    /** Whether the packet is a part of a datagram only. */
    public boolean fragment() {
        return fragment;
    }

    /** Whether the packet is a part of a datagram, and not its beginning. */
    public boolean laterFragment() {
        return fragment && Memory.u16(fragmentHeader + 2) >= UNIT;
    }

    /** Whether a routing header of type 0 asks for a detour (RFC 5095 forbids it). */
    public boolean sourceRouted() {
        return sourceRouted;
    }
}
