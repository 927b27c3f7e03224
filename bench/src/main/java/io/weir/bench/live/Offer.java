package io.weir.bench.live;

import io.weir.bench.rate.Flood;

/** How many packets are sent to a contender; made anew for each turn. */
interface Offer {
    /** As many as the source can send, whatever becomes of them. */
    Offer EVERYTHING = constant(Flood.UNLIMITED);

    /** Packets a second at the beginning. */
    int first();

    /**
     * Packets a second from now on.
     *
     * @param sent how many were sent since the last call
     * @param arrived how many have arrived since then
     */
    int next(long sent, long arrived);

    /** The same for everybody. */
    static Offer constant(int packetsPerSecond) {
        return new Offer() {
            @Override
            public int first() {
                return packetsPerSecond;
            }

            @Override
            public int next(long sent, long arrived) {
                return packetsPerSecond;
            }
        };
    }
}
