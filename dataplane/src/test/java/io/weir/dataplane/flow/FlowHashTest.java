package io.weir.dataplane.flow;

import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.Spread;

import org.junit.jupiter.api.Test;

import java.util.Random;

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
        Random random = Seed.ofThisRun().random();
        for (int i = 0; i < SECRETS; i++) {
            long secret = random.nextLong();
            FlowHash hash = new FlowHash(secret);
            // Where a search begins, and how far its steps go.
            for (int shift : new int[] {0, Integer.SIZE + 1}) {
                Spread.assertByChance(
                        ENDPOINTS,
                        PLACES,
                        n -> (int) (endpoint.hash(hash, n) >>> shift) & (PLACES - 1),
                        "pairs in one place with the secret " + secret + ", bits from " + shift);
            }
        }
    }
}
