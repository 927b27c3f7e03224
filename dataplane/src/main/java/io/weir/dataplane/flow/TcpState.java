package io.weir.dataplane.flow;

/**
 * The states of IPVS connections and how TCP segments move between them.
 *
 * <p>Pure: a state and a segment give a state. Which of three tables applies depends on what the
 * balancer sees: with NAT both directions (IN, OUT), otherwise the client's alone (IN_ONLY).
 * Priority within a segment: RST, SYN, FIN, ACK (lvs-features.md 6.2; BEHAVIOUR.md, "TCP states and
 * time"; recorded: tcp-states, tcp-odd, tcp-securetcp).
 */
public final class TcpState {
    public static final int NONE = 0;
    public static final int ESTABLISHED = 1;
    public static final int SYN_SENT = 2;
    public static final int SYN_RECV = 3;
    public static final int FIN_WAIT = 4;
    public static final int TIME_WAIT = 5;
    public static final int CLOSE = 6;
    public static final int CLOSE_WAIT = 7;
    public static final int LAST_ACK = 8;
    public static final int LISTEN = 9;
    public static final int SYNACK = 10;
    public static final int COUNT = 11;

    /** Which packets of a connection the balancer sees, and which way this one goes. */
    public static final int IN = 0;

    public static final int OUT = 1;
    public static final int IN_ONLY = 2;

    /** The row of a table that is for a segment with ACK alone. */
    private static final int ACK = 2;

    private static final int FIN_BIT = 1;
    private static final int SYN_BIT = 2;
    private static final int RST_BIT = 4;
    private static final int ACK_BIT = 16;

    private static final String[] NAMES = {
        "NONE",
        "ESTABLISHED",
        "SYN_SENT",
        "SYN_RECV",
        "FIN_WAIT",
        "TIME_WAIT",
        "CLOSE",
        "CLOSE_WAIT",
        "LAST_ACK",
        "LISTEN",
        "SYNACK"
    };

    // Rows are syn, fin, ack, rst for IN, OUT, IN_ONLY; columns are the current state in the order
    // above; the two letters name the next one.
    private static final byte[] USUAL =
            table(
                    "SR ES ES SR SR SR SR SR SR SR SR",
                    "CL CW SS TW TW TW CL CW LA LI TW",
                    "ES ES SS ES FW TW CL CW CL LI ES",
                    "CL CL CL SR CL CL CL CL LA LI SR",
                    "SS ES SS SR SS SS SS SS SS LI SR",
                    "TW FW SS TW FW TW CL TW LA LI TW",
                    "ES ES SS ES FW TW CL CW LA ES ES",
                    "CL CL SS CL CL TW CL CL CL CL CL",
                    "SR ES ES SR SR SR SR SR SR SR SR",
                    "CL FW SS TW FW TW CL CW LA LI TW",
                    "ES ES SS ES FW TW CL CW CL LI ES",
                    "CL CL CL SR CL CL CL CL LA LI CL");

    // With secure_tcp the handshake must be seen to its end: a server's SYN+ACK leads to SYNACK,
    // and a client's ACK alone does not establish anything.
    private static final byte[] SECURE =
            table(
                    "SR ES ES SR SR SR SR SR SR SR SA",
                    "CL CW SS TW TW TW CL CW LA LI TW",
                    "ES ES SS SR FW TW CL CW CL LI SA",
                    "CL CL CL SR CL CL CL CL LA LI CL",
                    "SS ES SS SA SS SS SS SS SS LI SA",
                    "TW FW SS TW FW TW CL TW LA LI TW",
                    "ES ES SS ES FW TW CL CW LA ES ES",
                    "CL CL SS CL CL TW CL CL CL CL CL",
                    "SA ES ES SR SA SA SA SA SA SA SA",
                    "CL FW SS TW FW TW CL CW LA LI TW",
                    "ES ES SS ES FW TW CL CW CL LI ES",
                    "CL CL CL SR CL CL CL CL LA LI CL");

    // For each direction the states, a bit for each, that an ACK alone leaves as they are.
    private static final int[] USUAL_KEPT = keptByAck(USUAL);
    private static final int[] SECURE_KEPT = keptByAck(SECURE);

    private static final int OPENED =
            1 << ESTABLISHED | 1 << FIN_WAIT | 1 << TIME_WAIT | 1 << CLOSE | 1 << CLOSE_WAIT;

    private TcpState() {}

    private static byte[] table(String... rows) {
        String letters = "NO ES SS SR FW TW CL CW LA LI SA";
        byte[] table = new byte[rows.length * 16];
        for (int row = 0; row < rows.length; row++) {
            for (int state = 0; state < COUNT; state++) {
                String next = rows[row].substring(3 * state, 3 * state + 2);
                table[row * 16 + state] = (byte) (letters.indexOf(next) / 3);
            }
        }
        return table;
    }

    /**
     * The state after a segment.
     *
     * @param secure whether the secure_tcp table is in force
     * @param direction {@link #IN}, {@link #OUT} or {@link #IN_ONLY}
     * @param flags the TCP flags byte; a segment with none of RST, SYN, FIN and ACK closes
     */
    public static int next(boolean secure, int direction, int state, int flags) {
        int event;
        if ((flags & RST_BIT) != 0) {
            event = 3;
        } else if ((flags & SYN_BIT) != 0) {
            event = 0;
        } else if ((flags & FIN_BIT) != 0) {
            event = 1;
        } else if ((flags & ACK_BIT) != 0) {
            event = ACK;
        } else {
            return CLOSE;
        }
        return (secure ? SECURE : USUAL)[(direction * 4 + event) * 16 + state];
    }

    /**
     * Whether a segment with ACK and none of SYN, FIN and RST leaves the state as it is.
     *
     * @param direction {@link #IN}, {@link #OUT} or {@link #IN_ONLY}
     */
    public static boolean keptByAck(boolean secure, int direction, int state) {
        return ((secure ? SECURE_KEPT : USUAL_KEPT)[direction] >>> state & 1) != 0;
    }

    private static int[] keptByAck(byte[] table) {
        int[] kept = new int[IN_ONLY + 1];
        for (int direction = IN; direction <= IN_ONLY; direction++) {
            for (int state = 0; state < COUNT; state++) {
                boolean same = table[(direction * 4 + ACK) * 16 + state] == state;
                kept[direction] |= (same ? 1 : 0) << state;
            }
        }
        return kept;
    }

    /**
     * Whether a connection in this state counts as active (BEHAVIOUR.md, "Order and schedulers").
     */
    public static boolean active(int state) {
        return state == ESTABLISHED || state == SYN_SENT || state == SYN_RECV || state == SYNACK;
    }

    /**
     * Whether the handshake is over, so that segments without SYN, FIN and RST leave the state as
     * it is, and no segment without SYN leads out of these states.
     */
    public static boolean opened(int state) {
        return (OPENED >>> state & 1) != 0;
    }

    /**
     * Whether a connection is over: what still comes is late or repeated, or begins another one.
     */
    public static boolean over(int state) {
        return state == TIME_WAIT || state == CLOSE;
    }

    /** The name ipvsadm shows. */
    public static String name(int state) {
        return NAMES[state];
    }
}
