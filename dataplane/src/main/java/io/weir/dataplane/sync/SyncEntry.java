package io.weir.dataplane.sync;

/**
 * What a message says of one connection or persistence template, in either version of the protocol.
 * Mutable and reused by its owner, who fills in every field, or calls {@link #clear} before.
 *
 * <p>An IPv4 address is in the low half alone, as in {@link io.weir.dataplane.net.IpAddress}.
 */
public final class SyncEntry {
    /** Bits 0 to 2: the forwarding method's code. */
    public static final int METHOD_MASK = 7;

    /** The sender has it from another balancer itself. */
    public static final int FLAG_SYNC = 0x20;

    /** No reply has been seen. */
    public static final int FLAG_NO_OUTPUT = 0x80;

    public static final int FLAG_INACTIVE = 0x100;

    /** Sequence numbers of the server's direction are shifted. */
    public static final int FLAG_OUT_SEQUENCE = 0x200;

    /** Sequence numbers of the client's direction are shifted. */
    public static final int FLAG_IN_SEQUENCE = 0x400;

    public static final int FLAG_NO_CLIENT_PORT = 0x800;
    public static final int FLAG_TEMPLATE = 0x1000;
    public static final int FLAG_ONE_PACKET = 0x2000;

    /**
     * The sender's kernel tracks it too, as those whose application protocol is followed; receivers
     * do not look at it, and it does not fit into version 0.
     */
    public static final int FLAG_CONNTRACK = 0x10000;

    /** The longest name of a persistence engine, in bytes. */
    public static final int MAX_ENGINE_NAME = 16;

    /** The most data of a persistence engine, in bytes. */
    public static final int MAX_ENGINE_DATA = 255;

    /** Sequence data are six numbers; see {@link #sequence}. */
    public static final int SEQUENCE_NUMBERS = 6;

    public boolean ipv6;

    /** The IP protocol's number; 0 for the template of a mark. */
    public int protocol;

    public int flags;
    public int state;
    public int clientPort;
    public int virtualPort;
    public int serverPort;

    /** The firewall mark of its service, 0 for none. */
    public int mark;

    /** Its whole timeout, an unsigned number of seconds; 0 if the message does not say. */
    public int timeoutSeconds;

    public long clientHigh;
    public long clientLow;
    public long virtualHigh;
    public long virtualLow;
    public long serverHigh;
    public long serverLow;

    /** The name of its persistence engine, in the first {@link #engineNameLength} bytes. */
    public final byte[] engineName = new byte[MAX_ENGINE_NAME];

    public int engineNameLength;

    /** What the engine knows the client by, in the first {@link #engineDataLength} bytes. */
    public final byte[] engineData = new byte[MAX_ENGINE_DATA];

    public int engineDataLength;

    /** Whether {@link #sequence} is filled in. */
    public boolean hasSequence;

    /**
     * How sequence numbers are shifted, three numbers for the client's direction and three for the
     * server's: where the last shift began, the shift after that, and the one before.
     */
    public final int[] sequence = new int[SEQUENCE_NUMBERS];

    /** Makes it an IPv4 entry whose numbers are all 0, without options. */
    public void clear() {
        ipv6 = false;
        protocol = 0;
        flags = 0;
        state = 0;
        clientPort = 0;
        virtualPort = 0;
        serverPort = 0;
        mark = 0;
        timeoutSeconds = 0;
        clientHigh = 0;
        clientLow = 0;
        virtualHigh = 0;
        virtualLow = 0;
        serverHigh = 0;
        serverLow = 0;
        engineNameLength = 0;
        engineDataLength = 0;
        hasSequence = false;
    }

    public boolean template() {
        return (flags & FLAG_TEMPLATE) != 0;
    }
}
