package io.weir.dataplane.flow;

import io.weir.dataplane.header.Sctp;

/**
 * The states of SCTP associations as IPVS keeps them, and how chunks move between them.
 *
 * <p>Pure: a state and a chunk give a state. As with {@link TcpState} one of three tables applies:
 * packets of the client (IN) and of the server (OUT) where both are seen, otherwise of the client
 * alone (IN_ONLY). The states are the server's, as far as chunks that passed tell of them, refined
 * where RFC 9260 section 4 has only CLOSED: INIT1, INIT, COOKIE_SENT and COOKIE_REPLIED follow a
 * handshake that the client began, COOKIE_WAIT, COOKIE and COOKIE_ECHOED one that the server began.
 *
 * <p>Recorded (sctp-nat-1, sctp-nat-3) are these:
 *
 * <ul>
 *   <li>IN and OUT: INIT1 by INIT; C-SENT by the server's INIT ACK; C-REPLIED by COOKIE ECHO;
 *       ESTABLISHED by the server's COOKIE ACK, and DATA and SACK do not change it; S-RECEIVED by
 *       the client's SHUTDOWN, then S-ACK-SENT by SHUTDOWN ACK and CLOSED by SHUTDOWN COMPLETE;
 *       S-SENT by the server's SHUTDOWN, then CLOSED by the client's SHUTDOWN ACK, and SHUTDOWN
 *       COMPLETE leaves it so; ESTABLISHED to CLOSED by ABORT.
 *   <li>IN_ONLY: INIT1 by INIT; ESTABLISHED by COOKIE ECHO; S-RECEIVED by SHUTDOWN; CLOSED by
 *       SHUTDOWN COMPLETE after that, or by SHUTDOWN ACK in ESTABLISHED.
 * </ul>
 *
 * The other transitions are what is publicly known of IPVS. Where none is told for a chunk and a
 * state, the state stays.
 */
public final class SctpState {
    public static final int NONE = 0;
    public static final int INIT1 = 1;
    public static final int INIT = 2;
    public static final int COOKIE_SENT = 3;
    public static final int COOKIE_REPLIED = 4;
    public static final int COOKIE_WAIT = 5;
    public static final int COOKIE = 6;
    public static final int COOKIE_ECHOED = 7;
    public static final int ESTABLISHED = 8;
    public static final int SHUTDOWN_SENT = 9;
    public static final int SHUTDOWN_RECEIVED = 10;
    public static final int SHUTDOWN_ACK_SENT = 11;
    public static final int REJECTED = 12;
    public static final int CLOSED = 13;
    public static final int COUNT = 14;

    /** Which packets of a connection the balancer sees, and which way this one goes. */
    public static final int IN = 0;

    public static final int OUT = 1;
    public static final int IN_ONLY = 2;

    private static final String[] NAMES = {
        "NONE",
        "INIT1",
        "INIT",
        "C-SENT",
        "C-REPLIED",
        "C-WAIT",
        "COOKIE",
        "C-ECHOED",
        "ESTABLISHED",
        "S-SENT",
        "S-RECEIVED",
        "S-ACK-SENT",
        "REJECTED",
        "CLOSED"
    };

    /** Chunk types up to SHUTDOWN COMPLETE have a place of their own, all beyond share the last. */
    private static final int CHUNKS = 16;

    private static final byte[][] TABLES = {client(), server(), clientAlone()};

    private SctpState() {}

    private static byte[] client() {
        byte[] table = unchanged();
        lead(table, Sctp.DATA, ESTABLISHED, NONE);
        lead(table, Sctp.INIT, INIT1, NONE);
        lead(table, Sctp.INIT, INIT, INIT1, REJECTED, CLOSED);
        lead(table, Sctp.INIT_ACK, COOKIE_WAIT, NONE, INIT1, INIT);
        lead(table, Sctp.INIT_ACK, COOKIE, COOKIE_WAIT);
        lead(table, Sctp.COOKIE_ECHO, COOKIE_REPLIED, NONE, COOKIE_SENT);
        lead(table, Sctp.COOKIE_ECHO, INIT, INIT1);
        lead(table, Sctp.COOKIE_ACK, ESTABLISHED, NONE, COOKIE_ECHOED);
        lead(table, Sctp.SHUTDOWN, SHUTDOWN_RECEIVED, NONE, ESTABLISHED);
        lead(table, Sctp.SHUTDOWN_ACK, CLOSED, NONE, SHUTDOWN_SENT, SHUTDOWN_ACK_SENT);
        lead(table, Sctp.SHUTDOWN_ACK, INIT, INIT1);
        lead(table, Sctp.SHUTDOWN_COMPLETE, CLOSED, NONE, INIT1, INIT, SHUTDOWN_ACK_SENT);
        lead(table, Sctp.ERROR, CLOSED, NONE, COOKIE_ECHOED);
        abort(table, COOKIE_WAIT);
        return others(table);
    }

    private static byte[] server() {
        byte[] table = unchanged();
        lead(table, Sctp.DATA, ESTABLISHED, NONE);
        for (int state = NONE; state < COUNT; state++) {
            if (state != ESTABLISHED) {
                lead(table, Sctp.INIT, COOKIE_WAIT, state);
            }
        }
        lead(table, Sctp.INIT_ACK, COOKIE_SENT, NONE, INIT1, INIT);
        for (int state = NONE; state < ESTABLISHED; state++) {
            lead(table, Sctp.COOKIE_ECHO, COOKIE_ECHOED, state);
            lead(table, Sctp.COOKIE_ACK, ESTABLISHED, state);
        }
        for (int state = NONE; state <= ESTABLISHED; state++) {
            lead(table, Sctp.SHUTDOWN, SHUTDOWN_SENT, state);
        }
        for (int state = NONE; state <= COOKIE_REPLIED; state++) {
            lead(table, Sctp.SHUTDOWN_ACK, SHUTDOWN_ACK_SENT, state);
            lead(table, Sctp.ERROR, CLOSED, state);
        }
        lead(table, Sctp.SHUTDOWN_ACK, SHUTDOWN_ACK_SENT, SHUTDOWN_SENT, SHUTDOWN_RECEIVED);
        lead(table, Sctp.SHUTDOWN_COMPLETE, CLOSED, NONE);
        abort(table, INIT1);
        return others(table);
    }

    private static byte[] clientAlone() {
        byte[] table = unchanged();
        lead(table, Sctp.DATA, ESTABLISHED, NONE, COOKIE_WAIT);
        lead(table, Sctp.INIT, INIT1, NONE);
        lead(table, Sctp.INIT, INIT, INIT1, COOKIE_SENT, COOKIE_REPLIED, COOKIE_WAIT);
        lead(table, Sctp.INIT, INIT, REJECTED, CLOSED);
        for (int state = NONE; state <= COOKIE_WAIT; state++) {
            lead(table, Sctp.INIT_ACK, COOKIE_ECHOED, state);
            lead(table, Sctp.COOKIE_ECHO, ESTABLISHED, state);
        }
        lead(table, Sctp.COOKIE_ACK, ESTABLISHED, NONE, COOKIE_SENT, COOKIE_REPLIED);
        lead(table, Sctp.COOKIE_ACK, ESTABLISHED, COOKIE, COOKIE_ECHOED);
        lead(table, Sctp.SHUTDOWN, SHUTDOWN_RECEIVED, NONE, ESTABLISHED);
        lead(table, Sctp.SHUTDOWN_ACK, CLOSED, NONE, ESTABLISHED);
        lead(table, Sctp.SHUTDOWN_ACK, CLOSED, SHUTDOWN_SENT, SHUTDOWN_ACK_SENT);
        lead(table, Sctp.SHUTDOWN_ACK, INIT, INIT1);
        for (int state = NONE; state <= COOKIE_REPLIED; state++) {
            lead(table, Sctp.SHUTDOWN_COMPLETE, CLOSED, state);
        }
        lead(table, Sctp.SHUTDOWN_COMPLETE, CLOSED, SHUTDOWN_RECEIVED, SHUTDOWN_ACK_SENT);
        lead(table, Sctp.ERROR, CLOSED, NONE);
        abort(table, COOKIE_WAIT);
        return others(table);
    }

    private static byte[] unchanged() {
        byte[] table = new byte[COUNT * CHUNKS];
        for (int at = 0; at < table.length; at++) {
            table[at] = (byte) (at / CHUNKS);
        }
        return table;
    }

    private static void lead(byte[] table, int chunk, int to, int... from) {
        for (int state : from) {
            table[state * CHUNKS + chunk] = (byte) to;
        }
    }

    /** An ABORT ends everything; in one state it refuses what the other side began. */
    private static void abort(byte[] table, int refused) {
        for (int state = NONE; state < COUNT; state++) {
            lead(table, Sctp.ABORT, CLOSED, state);
        }
        lead(table, Sctp.ABORT, REJECTED, refused);
    }

    /** Whatever is not named counts as DATA: SACK, HEARTBEAT, ECNE and the rest. */
    private static byte[] others(byte[] table) {
        int[] chunks = {
            Sctp.SACK, Sctp.HEARTBEAT, Sctp.HEARTBEAT_ACK, Sctp.ECNE, Sctp.CWR, CHUNKS - 1
        };
        for (int state = NONE; state < COUNT; state++) {
            for (int chunk : chunks) {
                table[state * CHUNKS + chunk] = table[state * CHUNKS + Sctp.DATA];
            }
        }
        return table;
    }

    /**
     * The state after a chunk.
     *
     * @param direction {@link #IN}, {@link #OUT} or {@link #IN_ONLY}
     * @param chunk its type, as {@link #decidingChunk} tells; {@link Sctp#NO_CHUNK} changes nothing
     */
    public static int next(int direction, int state, int chunk) {
        if (chunk < 0) {
            return state;
        }
        return TABLES[direction][state * CHUNKS + Math.min(chunk, CHUNKS - 1)];
    }

    /**
     * The type of the chunk that decides about the state of a packet's association: the first one,
     * unless that is a COOKIE ECHO or COOKIE ACK with an ABORT right behind it (RFC 9260 section
     * 3.3.7: chunks in front of an ABORT do not save the association).
     *
     * @param bytes of the packet, common header included
     */
    public static int decidingChunk(long sctp, int bytes) {
        int first = Sctp.firstChunkType(sctp, bytes);
        if (first != Sctp.COOKIE_ECHO && first != Sctp.COOKIE_ACK) {
            return first;
        }
        int length = Sctp.chunkLength(sctp + Sctp.HEADER_BYTES);
        if (length < Sctp.CHUNK_HEADER_BYTES) {
            return first;
        }
        int second = Sctp.chunkTypeAt(sctp, bytes, Sctp.HEADER_BYTES + Sctp.padded(length));
        return second == Sctp.ABORT ? Sctp.ABORT : first;
    }

    /** Whether a connection in this state counts as active (recorded: sctp-nat). */
    public static boolean active(int state) {
        return state == ESTABLISHED;
    }

    /** The name ipvsadm shows. */
    public static String name(int state) {
        return NAMES[state];
    }
}
