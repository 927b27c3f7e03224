package io.weir.schedulers;

/** Arithmetic of server weights. */
final class Weights {
    private Weights() {}

    /** Euclid's; 0 has no part in it, so the divisor of a weight and 0 is the weight. */
    static int greatestCommonDivisor(int one, int other) {
        int a = one;
        int b = other;
        while (b != 0) {
            int rest = a % b;
            a = b;
            b = rest;
        }
        return a;
    }
}
