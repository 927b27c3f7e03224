package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.sys.SystemCallException;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The endpoints of TCP services over IPv4, for a program that has no time for the {@link
 * EndpointMap}: at the price of one cache line instead of a call.
 *
 * <p>A key is the address and, above it, the port, both as the machine reads them from a header,
 * and a bit that tells it from an empty place. It has one of the four places of its bucket; an
 * endpoint that finds none is left out. Services without a port have no key.
 *
 * <p>One thread at a time; programs read at any time, and find every key that stays.
 */
final class GatedEndpoints implements AutoCloseable {
    static final int WAYS = 4;

    /** The logarithm to the base 2 of the number of buckets: 16,384 places in 128 KiB. */
    static final int BUCKET_BITS = 12;

    static final int BUCKET_BYTES = WAYS * Long.BYTES;

    /** What keys are multiplied with; the highest bits of the product are the bucket's number. */
    static final long FACTOR = 0x9e3779b97f4a7c15L;

    static final int PORT_SHIFT = 32;

    /** In every key. */
    static final long PRESENT = 1L << 48;

    private static final long EMPTY = 0;

    private final MappedArray buckets;

    GatedEndpoints(String purpose) throws SystemCallException {
        buckets = MappedArray.open(BUCKET_BYTES, 1 << BUCKET_BITS, purpose);
    }

    int descriptor() {
        return buckets.number();
    }

    /** Takes out all that are not among these. */
    void retain(Collection<Endpoint> endpoints) {
        Set<Long> wanted = keys(endpoints);
        for (long at = 0; at < (long) BUCKET_BYTES << BUCKET_BITS; at += Long.BYTES) {
            long place = buckets.address() + at;
            long key = Memory.nativeLong(place);
            if (key != EMPTY && !wanted.contains(key)) {
                Memory.putLongRelease(place, EMPTY);
            }
        }
    }

    /** Puts in as many of these as find a place. */
    void add(Collection<Endpoint> endpoints) {
        for (long key : keys(endpoints)) {
            long bucket = buckets.address() + (long) bucket(key) * BUCKET_BYTES;
            long free = 0;
            boolean present = false;
            for (long at = bucket; at < bucket + BUCKET_BYTES; at += Long.BYTES) {
                long other = Memory.nativeLong(at);
                present |= other == key;
                if (other == EMPTY) {
                    free = at;
                }
            }
            if (!present && free != 0) {
                Memory.putLongRelease(free, key);
            }
        }
    }

    private static Set<Long> keys(Collection<Endpoint> endpoints) {
        Set<Long> keys = new HashSet<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.protocol() == ServiceId.TCP
                    && endpoint.port() != 0
                    && !endpoint.address().ipv6()) {
                keys.add(key(endpoint));
            }
        }
        return keys;
    }

    private static long key(Endpoint endpoint) {
        long address = Integer.toUnsignedLong(Integer.reverseBytes((int) endpoint.address().low()));
        long port = Short.toUnsignedLong(Short.reverseBytes((short) endpoint.port()));
        return PRESENT | port << PORT_SHIFT | address;
    }

    private static int bucket(long key) {
        return (int) ((key * FACTOR) >>> (Long.SIZE - BUCKET_BITS));
    }

    @Override
    public void close() {
        buckets.close();
    }
}
