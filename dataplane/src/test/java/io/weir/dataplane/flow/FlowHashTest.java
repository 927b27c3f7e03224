package io.weir.dataplane.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.Random;
import java.util.function.IntToLongFunction;

/**
 * Endpoints are spread as by chance, also those whose ports or addresses are in a row, with
 * whatever secret: neither more evenly nor less.
 */
final class FlowHashTest {
    private static final int ENDPOINTS = 8192;
    private static final int PLACES = 4096;
    private static final int SECRETS = 50;
    private static final int CLIENT = 0x0a00_0002;
    private static final long PREFIX = 0x2001_0db8L << 32;

    /**
     * How far the pairs in one place may be from those of chance, in standard deviations. A random
     * function is beyond that once in 4 * 10^9 values at most (Chernoff's bound), so in one of a
     * million runs of all these tests.
     */
    private static final double MOST_DEVIATIONS = 8;

    @Test
    void portsInARowAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(CLIENT, 1024 + i, 6));
    }

    @Test
    void evenPortsAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(CLIENT, 32_768 + 2 * i, 6));
    }

    @Test
    void someClientsAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(CLIENT + i / 64, 32_768 + i % 64, 17));
    }

    @Test
    void addressesInARowAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(CLIENT + i, 40_000, 6));
    }

    @Test
    void networksInARowAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(CLIENT + (i << 8), 40_000, 6));
    }

    @Test
    void templatesAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(CLIENT + (i << 8), 0xc000_020a, 80, 6, 0));
    }

    @Test
    void ipv6AddressesInARowAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(hash.digest(PREFIX, 2 + i), 40_000, 6));
    }

    @Test
    void ipv6NetworksInARowAreSpreadAsByChance() {
        areSpreadAsByChance((hash, i) -> hash.of(hash.digest(PREFIX + (i << 8), 1), 40_000, 6));
    }

    private interface Endpoint {
        long hash(FlowHash hash, int number);
    }

    private static void areSpreadAsByChance(Endpoint endpoint) {
        double pairs = ENDPOINTS * (ENDPOINTS - 1.0) / 2;
        double expected = pairs / PLACES;
        double deviation = Math.sqrt(expected * (1 - 1.0 / PLACES));
        Random random = Seed.ofThisRun().random();
        for (int i = 0; i < SECRETS; i++) {
            long secret = random.nextLong();
            FlowHash hash = new FlowHash(secret);
            // Where a search begins, and how far its steps go.
            for (int shift : new int[] {0, Integer.SIZE + 1}) {
                assertThat((double) pairsInOnePlace(n -> endpoint.hash(hash, n) >>> shift))
                        .as("pairs in one place with the secret %d, bits from %d", secret, shift)
                        .isCloseTo(expected, within(MOST_DEVIATIONS * deviation));
            }
        }
    }

    private static long pairsInOnePlace(IntToLongFunction hash) {
        int[] sizes = new int[PLACES];
        long pairs = 0;
        for (int i = 0; i < ENDPOINTS; i++) {
            pairs += sizes[(int) hash.applyAsLong(i) & (PLACES - 1)]++;
        }
        return pairs;
    }
}
