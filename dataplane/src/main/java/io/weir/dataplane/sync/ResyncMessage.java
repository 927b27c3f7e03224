package io.weir.dataplane.sync;

/**
 * Weir's own words between two balancers, which a kernel takes for a message of version 0 without
 * entries: a backup asks for all connections, and is told that they come.
 *
 * <pre>
 * 0, syncid, size 12 (2 bytes), "weir", 1, kind, 0 (2 bytes)
 * </pre>
 *
 * <p>The byte in whose place version 1 has its number is a letter, so nobody takes it for that.
 */
public final class ResyncMessage {
    /** The length of such a message. */
    public static final int BYTES = 12;

    /** Wants all connections. */
    public static final int REQUEST = 1;

    /** All connections follow. */
    public static final int ANSWER = 2;

    private static final byte[] NAME = {'w', 'e', 'i', 'r'};
    private static final int VERSION = 1;

    private ResyncMessage() {}

    /** A message of a kind from a daemon with this id. */
    public static byte[] of(int kind, int syncId) {
        byte[] message = new byte[BYTES];
        message[1] = (byte) syncId;
        message[3] = BYTES;
        System.arraycopy(NAME, 0, message, 4, NAME.length);
        message[8] = VERSION;
        message[9] = (byte) kind;
        return message;
    }

    /**
     * Whether a datagram is a message of a kind for a daemon.
     *
     * @param syncId the daemon's; one of them with id 0 is of anybody's group
     */
    public static boolean is(int kind, byte[] message, int length, int syncId) {
        if (length != BYTES || message[0] != 0 || message[2] != 0 || message[3] != BYTES) {
            return false;
        }
        for (int i = 0; i < NAME.length; i++) {
            if (message[4 + i] != NAME[i]) {
                return false;
            }
        }
        int from = message[1] & 0xff;
        return message[8] == VERSION
                && message[9] == kind
                && (from == syncId || from == 0 || syncId == 0);
    }
}
