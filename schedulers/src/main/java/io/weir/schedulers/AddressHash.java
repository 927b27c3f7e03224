package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;

/**
 * The hash functions of dh, sh and mh. All work on an address folded to 32 bits: an IPv4 address as
 * the number it is, an IPv6 address as the exclusive or of its four words.
 */
final class AddressHash {
    // 2^32 divided by the square of the golden ratio: a multiplicative hash spreads best with it.
    private static final int GOLDEN_RATIO = 0x61C88647;

    private AddressHash() {}

    static int client(FlowKey flow) {
        return fold(flow.clientHigh(), flow.clientLow());
    }

    static int virtual(FlowKey flow) {
        return fold(flow.virtualHigh(), flow.virtualLow());
    }

    /** An IPv4 address is the low word of {@code low}, so it folds to itself. */
    static int fold(long high, long low) {
        long half = high ^ low;
        return (int) (half >>> 32) ^ (int) half;
    }

    /** The highest {@code bits} bits of the product with the golden ratio. */
    static int multiplicative(int value, int bits) {
        return (value * GOLDEN_RATIO) >>> (32 - bits);
    }

    /**
     * SipHash-1-3 of a 32-bit value in little-endian order, cut to 32 bits; both halves of the key
     * are {@code key}. (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.)
     */
    static int sip(int value, long key) {
        long v0 = 0x736f6d6570736575L ^ key;
        long v1 = 0x646f72616e646f6dL ^ key;
        long v2 = 0x6c7967656e657261L ^ key;
        long v3 = 0x7465646279746573L ^ key;
        // One block holds the value and, in its top byte, the length.
        long block = 4L << 56 | (value & 0xffffffffL);
        v3 ^= block;
        for (int round = 0; round < 4; round++) {
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            if (round == 0) {
                v0 ^= block;
                v2 ^= 0xff;
            }
        }
        return (int) (v0 ^ v1 ^ v2 ^ v3);
    }
}
