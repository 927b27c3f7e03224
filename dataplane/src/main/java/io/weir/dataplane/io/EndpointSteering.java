package io.weir.dataplane.io;

/**
 * Takes single endpoints from the host, beside the rules of {@link TrafficSteering}: those of
 * connections that are expected, and those that masqueraded connections are answered at. A taken
 * endpoint counts how often it was taken.
 *
 * <p>Addresses are 16 bytes, an IPv4 one mapped into IPv6 (RFC 4291 2.5.5.2). Worker threads; every
 * call takes effect before it returns.
 */
public interface EndpointSteering {
    /** For a balancer that has its links for itself. */
    EndpointSteering NONE =
            new EndpointSteering() {
                @Override
                public boolean take(int protocol, Side side, long high, long low, int port) {
                    return true;
                }

                @Override
                public void giveBack(int protocol, Side side, long high, long low, int port) {}
            };

    /** Which packets of an endpoint are taken. */
    enum Side {
        /** Those to it. */
        VIRTUAL,
        /** Those from it. */
        SERVER
    }

    /**
     * Takes an endpoint of TCP or UDP. Of an address without a rule of its own in {@link
     * TrafficSteering} nothing is taken all the same.
     *
     * @return false if there is no room for it
     */
    boolean take(int protocol, Side side, long high, long low, int port);

    /** Undoes one {@link #take}. */
    void giveBack(int protocol, Side side, long high, long low, int port);

    /** The low half of an IPv4 address mapped into IPv6; the high half is 0. */
    static long mappedLow(int ipv4) {
        return 0xffffL << 32 | (ipv4 & 0xffffffffL);
    }
}
