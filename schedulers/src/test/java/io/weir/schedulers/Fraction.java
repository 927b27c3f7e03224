package io.weir.schedulers;

import java.math.BigInteger;

/** An exact quotient, for models that must not round. */
record Fraction(long numerator, long denominator) implements Comparable<Fraction> {
    @Override
    public int compareTo(Fraction other) {
        return product(numerator, other.denominator)
                .compareTo(product(other.numerator, denominator));
    }

    private static BigInteger product(long one, long other) {
        return BigInteger.valueOf(one).multiply(BigInteger.valueOf(other));
    }
}
