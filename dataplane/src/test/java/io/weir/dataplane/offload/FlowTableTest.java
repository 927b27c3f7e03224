package io.weir.dataplane.offload;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.testing.Spread;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Flows belong to buckets as evenly as by chance, also those whose ports or addresses are in a row,
 * with whatever secret: neither more evenly nor less.
 */
final class FlowTableTest {
    private static final int CONNECTIONS = 4096;
    private static final int BUCKETS = 4096;
    private static final int BUCKET_BITS = 12;
    private static final int SECRETS = 50;

    /** Who the clients are: the addresses and ports of connection number i. */
    enum Clients {
        ONE_WITH_PORTS_IN_A_ROW(CONNECTIONS, 1),
        ONE_WITH_EVEN_PORTS(CONNECTIONS, 2),
        SOME_WITH_SOME_PORTS(64, 1),
        MANY_WITH_ONE_PORT(1, 1);

        private final int ports;
        private final int stride;

        Clients(int ports, int stride) {
            this.ports = ports;
            this.stride = stride;
        }

        int address(int connection) {
            return 2 + connection / ports;
        }

        int port(int connection) {
            return 32_768 + connection % ports * stride;
        }
    }

    @ParameterizedTest
    @EnumSource
    void ipv4FlowsAreSpreadAsByChance(Clients clients) {
        Endpoints ends = new Endpoints();
        List<FlowEnds> flows = new ArrayList<>();
        try (ConnectionTable table = new ConnectionTable(CONNECTIONS, 1)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                ends.setV4(6, 10 << 24 | clients.address(i), 0xc000_020a);
                ends.setPorts(clients.port(i), 80);
                addBoth(flows, table, ends, IpAddress.v4(0x0a01_0000 | (i & 3)));
            }
        }
        areSpreadAsByChance(flows, BUCKET_BITS);
    }

    @ParameterizedTest
    @EnumSource
    void ipv6FlowsAreSpreadAsByChance(Clients clients) {
        long prefix = 0x2001_0db8L << 32;
        Endpoints ends = new Endpoints();
        List<FlowEnds> flows = new ArrayList<>();
        try (ConnectionTable table = new ConnectionTable(CONNECTIONS, 1)) {
            for (int i = 0; i < CONNECTIONS; i++) {
                ends.setV6(6, prefix, clients.address(i), prefix | 1, 10);
                ends.setPorts(clients.port(i), 80);
                addBoth(flows, table, ends, IpAddress.v6(prefix | 2, i & 3));
            }
        }
        areSpreadAsByChance(flows, BUCKET_BITS + FlowTable.IPV6_FEWER_BITS);
    }

    private static void addBoth(
            List<FlowEnds> flows, ConnectionTable table, Endpoints ends, IpAddress server) {
        int method = ForwardingMethod.MASQUERADE.code();
        table.identify(ends);
        int slot = table.insert(ends, server, 8080, method, ConnectionTable.NONE);
        for (boolean reply : new boolean[] {false, true}) {
            FlowEnds made = new FlowEnds();
            made.set(table, slot, reply);
            flows.add(made);
        }
    }

    private static void areSpreadAsByChance(List<FlowEnds> flows, int bucketBits) {
        Random random = Seed.ofThisRun().random();
        for (int i = 0; i < SECRETS; i++) {
            long secret = random.nextLong();
            try (FlowMemory memory = new FlowMemory(bucketBits, secret, 1)) {
                FlowTable table = memory.tables().getFirst();
                Spread.assertByChance(
                        flows.size(),
                        BUCKETS,
                        n -> table.bucket(flows.get(n)) / FlowTable.WAYS,
                        "pairs of flows in one bucket with the secret " + secret);
            }
        }
    }
}
