package io.weir.dataplane.flow;

/**
 * Says which of several workers a client's packets belong to, by its address alone: so a client's
 * connections, templates, fragments and the errors about them meet on one worker.
 *
 * <p>An attacker who could choose addresses of one worker would have only that one to fill, so the
 * function has a secret of the process. It takes nothing but exclusive or, shifts and
 * multiplications of 64 bits, because the kernel computes it too. Immutable, any thread.
 */
public final class ClientSpread {
    /** The most workers. */
    public static final int MOST_WORKERS = 64;

    /** For a worker that has all clients. */
    public static final ClientSpread ALONE = new ClientSpread(1, 0);

    private final int workers;
    private final long mask;
    private final long first;
    private final long second;

    /**
     * Makes a function.
     *
     * @param workers how many there are, at most {@value #MOST_WORKERS}
     * @param secret of the process
     */
    public ClientSpread(int workers, long secret) {
        if (workers < 1 || workers > MOST_WORKERS) {
            throw new IllegalArgumentException(
                    "1 to " + MOST_WORKERS + " workers are possible, not " + workers);
        }
        this.workers = workers;
        this.mask = secret * 0x9E3779B97F4A7C15L;
        this.first = (secret ^ 0xD1B54A32D192ED03L) * 0xA0761D6478BD642FL | 1;
        this.second = Long.rotateLeft(first, 29) * 0xE7037ED1A0B428DBL | 1;
    }

    public int workers() {
        return workers;
    }

    /** What the function is made of, in the order of use: it is added, then multiplied by. */
    public long mask() {
        return mask;
    }

    /** See {@link #mask}; an odd number. */
    public long firstFactor() {
        return first;
    }

    /** See {@link #mask}; an odd number. */
    public long secondFactor() {
        return second;
    }

    /** The worker of an IPv6 client, or of an IPv4 one mapped into IPv6 (RFC 4291 2.5.5.2). */
    public int worker(long high, long low) {
        long mixed = (high ^ mask) * first;
        mixed = (mixed ^ mixed >>> 32 ^ low) * second;
        mixed = (mixed ^ mixed >>> 32) * first;
        return (int) (((mixed >>> 32) * workers) >>> 32);
    }
}
