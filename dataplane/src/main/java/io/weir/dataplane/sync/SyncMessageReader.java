package io.weir.dataplane.sync;

import io.weir.dataplane.service.ServiceId;

import java.nio.ByteOrder;

/**
 * Reads messages of both versions of the protocol, and with the kernel's rules about what is wrong
 * with them: some faults lose the whole message, some its rest, some one entry alone (recorded:
 * inject-header, inject-entry, inject-options, inject-v0, inject-v6).
 *
 * <p>Reads inside the message only, takes a time bounded by its length, and throws nothing. Reused;
 * owned by one thread.
 */
public final class SyncMessageReader {
    static final int HEADER_V0 = 4;
    static final int HEADER_V1 = 8;
    static final int ENTRY_V0 = 24;
    static final int ENTRY_IPV4 = 36;
    static final int ENTRY_IPV6 = 72;
    static final int SEQUENCE_BYTES = 4 * SyncEntry.SEQUENCE_NUMBERS;
    static final int OPTION_SEQUENCE = 1;
    static final int OPTION_ENGINE_DATA = 2;
    static final int OPTION_ENGINE_NAME = 3;

    /** An option with this bit may be passed over by those who do not know it. */
    private static final int OPTIONAL = 0x40;

    private static final int TYPE_IPV6 = 1;
    private static final int SIZE_MASK = 0xfff;
    private static final int TCP_STATES = 11;
    private static final int UDP_STATES = 1;
    private static final int SCTP_STATES = 14;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    /** What {@link #begin} says of a message as a whole. */
    public enum Verdict {
        /** {@link #next} gives its entries. */
        READABLE,
        /** Too short, or of another length than it says. */
        MALFORMED,
        /** Longer than the daemon takes. */
        TOO_LONG,
        /** It has another daemon's id. */
        OTHER_ID
    }

    /** What {@link #next} found. */
    public enum Step {
        /** The entry is filled in. */
        ENTRY,
        /** A well-formed entry of something unknown; others may follow. */
        SKIPPED,
        /** A malformed entry; whatever follows it is lost. */
        BROKEN,
        /** Nothing follows. */
        END
    }

    private byte[] message = {};
    private int length;
    private int position;
    private int remaining;
    private boolean version1;

    /**
     * Looks at a message.
     *
     * @param bytes not changed or kept beyond the message's last entry
     * @param count how many of them it has
     * @param syncId the daemon's own id, 0 for any
     * @param maxLength the most bytes that the daemon takes
     */
    public Verdict begin(byte[] bytes, int count, int syncId, int maxLength) {
        message = bytes;
        length = Math.clamp(count, 0, bytes.length);
        remaining = 0;
        if (length > maxLength) {
            return Verdict.TOO_LONG;
        }
        if (length < HEADER_V0 || u16(2) != length) {
            return Verdict.MALFORMED;
        }
        if (syncId != 0 && u8(1) != syncId) {
            return Verdict.OTHER_ID;
        }
        // Whatever is not surely version 1 is read as version 0, whose count is in the first byte.
        version1 = length >= HEADER_V1 && u8(0) == 0 && u8(5) == 1 && u16(6) == 0;
        remaining = version1 ? u8(4) : u8(0);
        position = version1 ? HEADER_V1 : HEADER_V0;
        return Verdict.READABLE;
    }

    /** Whether the message is of version 1 of the protocol; else it is of version 0. */
    public boolean version1() {
        return version1;
    }

    /** Reads the next entry of the message; after BROKEN and END there is none. */
    public Step next(SyncEntry entry) {
        if (remaining == 0) {
            return Step.END;
        }
        remaining--;
        entry.clear();
        Step step = version1 ? readVersion1(entry) : readVersion0(entry);
        if (step == Step.BROKEN) {
            remaining = 0;
        }
        return step;
    }

    private Step readVersion1(SyncEntry entry) {
        int start = position;
        if (start + ENTRY_IPV4 > length) {
            // A count above the entries there are is no fault of these.
            return start >= length ? endEarly() : Step.BROKEN;
        }
        int size = u16(start + 2) & SIZE_MASK;
        int end = start + size;
        int version = u16(start + 2) >> 12;
        int type = u8(start);
        boolean ipv6 = (type & TYPE_IPV6) != 0;
        if (end > length || version != 0 || (!ipv6 && type != 0)) {
            return Step.BROKEN;
        }
        int fixed = ipv6 ? ENTRY_IPV6 : ENTRY_IPV4;
        if (size < fixed) {
            return Step.BROKEN;
        }
        position = start + (size + 3 & ~3);
        entry.ipv6 = ipv6;
        readFixed(entry, start);
        Step options = readOptions(entry, start + fixed, end);
        return options == Step.ENTRY ? usable(entry) : options;
    }

    private Step endEarly() {
        remaining = 0;
        return Step.END;
    }

    private void readFixed(SyncEntry entry, int start) {
        entry.protocol = u8(start + 1);
        entry.flags = u32(start + 4);
        entry.state = u16(start + 8);
        entry.clientPort = u16(start + 10);
        entry.virtualPort = u16(start + 12);
        entry.serverPort = u16(start + 14);
        entry.mark = u32(start + 16);
        entry.timeoutSeconds = u32(start + 20);
        if (entry.ipv6) {
            entry.clientHigh = u64(start + 24);
            entry.clientLow = u64(start + 32);
            entry.virtualHigh = u64(start + 40);
            entry.virtualLow = u64(start + 48);
            entry.serverHigh = u64(start + 56);
            entry.serverLow = u64(start + 64);
        } else {
            entry.clientLow = u32(start + 24) & 0xffffffffL;
            entry.virtualLow = u32(start + 28) & 0xffffffffL;
            entry.serverLow = u32(start + 32) & 0xffffffffL;
        }
    }

    private Step readOptions(SyncEntry entry, int from, int end) {
        int at = from;
        while (at < end) {
            if (at + 2 > end) {
                return Step.BROKEN;
            }
            int type = u8(at);
            int bytes = u8(at + 1);
            at += 2;
            if (bytes == 0 || at + bytes > end) {
                return Step.BROKEN;
            }
            Step option = readOption(entry, type, at, bytes);
            if (option != Step.ENTRY) {
                return option;
            }
            at += bytes;
        }
        return Step.ENTRY;
    }

    private Step readOption(SyncEntry entry, int type, int at, int bytes) {
        boolean fits;
        switch (type & ~OPTIONAL) {
            case OPTION_SEQUENCE -> fits = readSequence(entry, at, bytes);
            case OPTION_ENGINE_DATA -> fits = readEngineData(entry, at, bytes);
            case OPTION_ENGINE_NAME -> fits = readEngineName(entry, at, bytes);
            default -> {
                return (type & OPTIONAL) == 0 ? Step.SKIPPED : Step.ENTRY;
            }
        }
        return fits ? Step.ENTRY : Step.BROKEN;
    }

    private boolean readSequence(SyncEntry entry, int at, int bytes) {
        if (entry.hasSequence || bytes != SEQUENCE_BYTES) {
            return false;
        }
        entry.hasSequence = true;
        for (int i = 0; i < SyncEntry.SEQUENCE_NUMBERS; i++) {
            entry.sequence[i] = u32(at + 4 * i);
        }
        return true;
    }

    private boolean readEngineData(SyncEntry entry, int at, int bytes) {
        if (entry.engineDataLength != 0) {
            return false;
        }
        System.arraycopy(message, at, entry.engineData, 0, bytes);
        entry.engineDataLength = bytes;
        return true;
    }

    private boolean readEngineName(SyncEntry entry, int at, int bytes) {
        if (entry.engineNameLength != 0 || bytes > SyncEntry.MAX_ENGINE_NAME) {
            return false;
        }
        System.arraycopy(message, at, entry.engineName, 0, bytes);
        entry.engineNameLength = bytes;
        return true;
    }

    private Step readVersion0(SyncEntry entry) {
        int start = position;
        if (start + ENTRY_V0 > length) {
            return start >= length ? endEarly() : Step.BROKEN;
        }
        entry.protocol = u8(start + 1);
        entry.clientPort = u16(start + 2);
        entry.virtualPort = u16(start + 4);
        entry.serverPort = u16(start + 6);
        entry.clientLow = u32(start + 8) & 0xffffffffL;
        entry.virtualLow = u32(start + 12) & 0xffffffffL;
        entry.serverLow = u32(start + 16) & 0xffffffffL;
        entry.flags = u16(start + 20);
        entry.state = u16(start + 22);
        position = start + ENTRY_V0;
        if ((entry.flags & (SyncEntry.FLAG_IN_SEQUENCE | SyncEntry.FLAG_OUT_SEQUENCE)) != 0) {
            if (position + SEQUENCE_BYTES > length) {
                return Step.BROKEN;
            }
            entry.hasSequence = true;
            for (int i = 0; i < SyncEntry.SEQUENCE_NUMBERS; i++) {
                // In the sender's byte order (recorded: inject-relay-2): that of a machine like
                // this.
                int number = u32(position + 4 * i);
                entry.sequence[i] = LITTLE_ENDIAN ? Integer.reverseBytes(number) : number;
            }
            position += SEQUENCE_BYTES;
        }
        return usable(entry);
    }

    private Step usable(SyncEntry entry) {
        if (entry.engineDataLength != 0 && entry.engineNameLength == 0) {
            return Step.SKIPPED;
        }
        return entry.template() || entry.state < states(entry.protocol) ? Step.ENTRY : Step.SKIPPED;
    }

    private static int states(int protocol) {
        return switch (protocol) {
            case ServiceId.TCP -> TCP_STATES;
            case ServiceId.UDP -> UDP_STATES;
            case ServiceId.SCTP -> SCTP_STATES;
            default -> 0;
        };
    }

    private int u8(int at) {
        return message[at] & 0xff;
    }

    private int u16(int at) {
        return u8(at) << 8 | u8(at + 1);
    }

    private int u32(int at) {
        return u16(at) << 16 | u16(at + 2);
    }

    private long u64(int at) {
        return (long) u32(at) << 32 | (u32(at + 4) & 0xffffffffL);
    }
}
