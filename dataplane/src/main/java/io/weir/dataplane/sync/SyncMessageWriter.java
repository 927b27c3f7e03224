package io.weir.dataplane.sync;

import java.nio.ByteOrder;

/**
 * Writes entries into one message, of version 0 or 1 of the protocol; see {@link SyncEntry}.
 *
 * <pre>
 * version 1: 0, syncid, size (2 bytes), entries, 1, 0 (2 bytes)
 *            type, protocol, size (2), flags (4), state (2), client, virtual and server port (2 each),
 *            mark (4), timeout (4), client, virtual and server address, options;
 *            entries begin at multiples of 4 and are padded up to there, the last one is not
 * version 0: entries, syncid, size (2 bytes)
 *            0, protocol, client, virtual and server port (2 each), client, virtual and server
 *            address, flags (2), state (2), six sequence numbers if they are shifted
 * </pre>
 *
 * <p>All numbers are big-endian but version 0's sequence numbers, which have the host's order
 * (recorded: inject-relay-2). Owned by one thread; nothing here allocates but the constructor.
 */
public final class SyncMessageWriter {
    /** The most entries of a message: their number is one byte. */
    public static final int MOST_ENTRIES = 255;

    static final int HEADER_BYTES = 8;
    static final int HEADER_BYTES_V0 = 4;
    static final int ENTRY_BYTES = 36;
    static final int ENTRY_BYTES_IPV6 = 72;
    static final int ENTRY_BYTES_V0 = 24;
    static final int OPTION_SEQUENCE = 1;
    static final int OPTION_ENGINE_DATA = 2;
    static final int OPTION_ENGINE_NAME = 3;
    private static final int OPTION_HEADER_BYTES = 2;
    private static final int SEQUENCE_BYTES = 4 * SyncEntry.SEQUENCE_NUMBERS;

    /** The longest entry, so that one fits into any message. */
    private static final int LONGEST_ENTRY =
            ENTRY_BYTES_IPV6
                    + 3 * OPTION_HEADER_BYTES
                    + SEQUENCE_BYTES
                    + SyncEntry.MAX_ENGINE_DATA
                    + SyncEntry.MAX_ENGINE_NAME;

    private static final int VERSION = 1;
    private static final int TYPE_IPV6 = 1;
    private static final boolean LITTLE_ENDIAN =
            ByteOrder.nativeOrder().equals(ByteOrder.LITTLE_ENDIAN);

    private final int syncId;
    private final int maxLength;
    private byte[] message;
    private boolean version0;
    private int entries;
    private int end;

    /**
     * Makes a writer with an empty message.
     *
     * @param maxLength the longest message in bytes; one entry is written even if it is longer
     */
    public SyncMessageWriter(int syncId, int maxLength) {
        this.syncId = syncId;
        this.maxLength = maxLength;
        this.message = new byte[capacity(maxLength)];
    }

    /** The size of the arrays that messages are written into. */
    static int capacity(int maxLength) {
        return Math.max(maxLength, HEADER_BYTES + LONGEST_ENTRY);
    }

    public int entries() {
        return entries;
    }

    /** Whether the message that was begun is of version 0. */
    public boolean version0() {
        return version0;
    }

    /** Begins a message of the version; the one before is gone. */
    public void begin(boolean inVersion0) {
        version0 = inVersion0;
        entries = 0;
        end = inVersion0 ? HEADER_BYTES_V0 : HEADER_BYTES;
    }

    /** Ends the message. Returns its length; {@link #message} has its bytes. */
    public int finish() {
        message[0] = (byte) (version0 ? entries : 0);
        message[1] = (byte) syncId;
        put16(2, end);
        if (!version0) {
            message[4] = (byte) entries;
            message[5] = VERSION;
            put16(6, 0);
        }
        return end;
    }

    /** The message, in as many bytes as {@link #finish} said; written anew after {@link #begin}. */
    public byte[] message() {
        return message;
    }

    /** Gives the message's array away for another one of the same size. */
    byte[] exchange(byte[] spare) {
        byte[] full = message;
        message = spare;
        return full;
    }

    /**
     * Adds an entry.
     *
     * @return false, and nothing added, if the message has no room; a message without entries has
     */
    public boolean append(SyncEntry entry) {
        int start = version0 || entries == 0 ? end : (end + 3) & ~3;
        int bytes = version0 ? bytesV0(entry) : bytes(entry);
        if (entries > 0 && (start + bytes > maxLength || entries == MOST_ENTRIES)) {
            return false;
        }
        while (end < start) {
            message[end++] = 0;
        }
        entries++;
        if (version0) {
            writeV0(entry);
        } else {
            write(entry, bytes);
        }
        return true;
    }

    private static boolean shifted(SyncEntry entry) {
        return (entry.flags & (SyncEntry.FLAG_IN_SEQUENCE | SyncEntry.FLAG_OUT_SEQUENCE)) != 0;
    }

    private static int bytes(SyncEntry entry) {
        int bytes = entry.ipv6 ? ENTRY_BYTES_IPV6 : ENTRY_BYTES;
        bytes += shifted(entry) ? OPTION_HEADER_BYTES + SEQUENCE_BYTES : 0;
        if (entry.engineDataLength > 0) {
            bytes += 2 * OPTION_HEADER_BYTES + entry.engineDataLength + entry.engineNameLength;
        }
        return bytes;
    }

    private static int bytesV0(SyncEntry entry) {
        return ENTRY_BYTES_V0 + (shifted(entry) ? SEQUENCE_BYTES : 0);
    }

    private void write(SyncEntry entry, int bytes) {
        message[end] = (byte) (entry.ipv6 ? TYPE_IPV6 : 0);
        message[end + 1] = (byte) entry.protocol;
        put16(end + 2, bytes);
        put32(end + 4, entry.flags);
        put16(end + 8, entry.state);
        put16(end + 10, entry.clientPort);
        put16(end + 12, entry.virtualPort);
        put16(end + 14, entry.serverPort);
        put32(end + 16, entry.mark);
        put32(end + 20, entry.timeoutSeconds);
        end += 24;
        writeAddress(entry.ipv6, entry.clientHigh, entry.clientLow);
        writeAddress(entry.ipv6, entry.virtualHigh, entry.virtualLow);
        writeAddress(entry.ipv6, entry.serverHigh, entry.serverLow);
        if (shifted(entry)) {
            writeOptionHeader(OPTION_SEQUENCE, SEQUENCE_BYTES);
            for (int number : entry.sequence) {
                put32(end, number);
                end += 4;
            }
        }
        if (entry.engineDataLength > 0) {
            writeOption(OPTION_ENGINE_DATA, entry.engineData, entry.engineDataLength);
            writeOption(OPTION_ENGINE_NAME, entry.engineName, entry.engineNameLength);
        }
    }

    private void writeAddress(boolean ipv6, long high, long low) {
        if (ipv6) {
            put32(end, (int) (high >>> 32));
            put32(end + 4, (int) high);
            put32(end + 8, (int) (low >>> 32));
            end += 12;
        }
        put32(end, (int) low);
        end += 4;
    }

    private void writeOption(int type, byte[] data, int length) {
        writeOptionHeader(type, length);
        System.arraycopy(data, 0, message, end, length);
        end += length;
    }

    private void writeOptionHeader(int type, int length) {
        message[end++] = (byte) type;
        message[end++] = (byte) length;
    }

    private void writeV0(SyncEntry entry) {
        message[end] = 0;
        message[end + 1] = (byte) entry.protocol;
        put16(end + 2, entry.clientPort);
        put16(end + 4, entry.virtualPort);
        put16(end + 6, entry.serverPort);
        put32(end + 8, (int) entry.clientLow);
        put32(end + 12, (int) entry.virtualLow);
        put32(end + 16, (int) entry.serverLow);
        put16(end + 20, entry.flags);
        put16(end + 22, entry.state);
        end += ENTRY_BYTES_V0;
        if (shifted(entry)) {
            for (int number : entry.sequence) {
                put32(end, LITTLE_ENDIAN ? Integer.reverseBytes(number) : number);
                end += 4;
            }
        }
    }

    private void put16(int at, int value) {
        message[at] = (byte) (value >>> 8);
        message[at + 1] = (byte) value;
    }

    private void put32(int at, int value) {
        put16(at, value >>> 16);
        put16(at + 2, value);
    }
}
