package io.weir.dataplane.flow;

/**
 * Where the fields of a connection lie in its 64-byte line, one cache line for everything a packet
 * of an IPv4 connection needs, in either direction.
 *
 * <pre>
 *  0 client   4 virtual   8 server   12 client and virtual port
 * 16 server port, protocol, states   20 flags   24 server number   28 expires (ticks)
 * 32 timeout (ticks)   36 looked at (ticks)   40 place in wheel   44 controller
 * 48 controlled   52 passed over (2 bytes)   54 packets (2 bytes)   56 persistence data   60 version
 * </pre>
 *
 * <p>The states are that of the connection, and in the upper half of the byte the one that was last
 * reported to another balancer.
 *
 * <p>Where an IPv6 address belongs, the line has its digest. The whole addresses of such entries
 * are in a second line of the same number in a block of its own, which is there only once IPv6 is
 * used:
 *
 * <pre>
 *  0 client   16 virtual   32 server, an IPv4 one in its last 4 bytes
 * </pre>
 */
final class ConnectionLayout {
    static final int LINE_BYTES = 64;
    static final int CLIENT = 0;
    static final int VIRTUAL = 4;
    static final int SERVER = 8;
    static final int PORTS = 12;
    static final int SERVER_PORT = 16;
    static final int PROTOCOL = 18;
    static final int STATE = 19;
    static final int FLAGS = 20;
    static final int SERVER_NUMBER = 24;
    static final int EXPIRES = 28;
    static final int TIMEOUT = 32;
    static final int LOOKED_AT = 36;
    static final int PLACE = 40;
    static final int CONTROLLER = 44;
    static final int CONTROLLED = 48;
    static final int PASSED_OVER = 52;
    static final int PACKETS = 54;
    static final int DATA = 56;
    static final int VERSION = 60;

    static final int WIDE_CLIENT = 0;
    static final int WIDE_VIRTUAL = 16;
    static final int WIDE_SERVER = 32;

    private ConnectionLayout() {}
}
