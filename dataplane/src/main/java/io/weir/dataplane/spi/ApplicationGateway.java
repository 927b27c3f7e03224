package io.weir.dataplane.spi;

import io.weir.dataplane.packet.Packet;

/**
 * An application level gateway (RFC 2663 2.9): follows the protocol of some connections reached by
 * NAT, one that carries addresses in its text, or agrees on further connections.
 *
 * <p>Runs on the worker thread. Connections without an application gateway pay for a test of a
 * flag.
 */
public interface ApplicationGateway {
    /** Follows nothing. */
    ApplicationGateway NONE =
            new ApplicationGateway() {
                @Override
                public boolean follows(int protocol, int virtualPort) {
                    return false;
                }

                @Override
                public void follow(Packet packet) {}

                @Override
                public void ended(int slot) {}
            };

    /** Whether new connections to this virtual port are to be followed. */
    boolean follows(int protocol, int virtualPort);

    /**
     * Looks at a packet of a followed connection, which does not end before its TCP header's first
     * 20 bytes do, before it is translated and sent on. It may write to the packet, make it longer
     * by up to 32 bytes of the headroom, or drop it.
     */
    void follow(Packet packet);

    /** Numbers of the server's direction are shifted: a bit of {@link #shifts}. */
    int SHIFTS_SERVER = 0x200;

    /** Numbers of the client's direction are shifted: a bit of {@link #shifts}. */
    int SHIFTS_CLIENT = 0x400;

    /**
     * Tells how sequence numbers of a connection are shifted because text in it was replaced.
     *
     * @param numbers filled in: for the client's direction, then for the server's, where the last
     *     shift began, the shift after that, and the one before
     * @return {@link #SHIFTS_SERVER} and {@link #SHIFTS_CLIENT}; 0 leaves the numbers as they are
     */
    default int shifts(int slot, int[] numbers) {
        return 0;
    }

    /** Goes on as another balancer did that told of the same, see {@link #shifts}. */
    default void takeShifts(int slot, int directions, int[] numbers) {}

    /** A followed connection, or one that was expected for it, ends; its line is still there. */
    void ended(int slot);
}
