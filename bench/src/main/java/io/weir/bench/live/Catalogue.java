package io.weir.bench.live;

import java.util.ArrayList;
import java.util.List;

/** All contenders and measures, in the order of their turns. */
final class Catalogue {
    /** The contenders to which others are compared. */
    static final List<String> REFERENCES = List.of("forward", "dnat", "haproxy");

    private Catalogue() {}

    /**
     * All ways to the servers.
     *
     * @param weir the command that is weir
     */
    static List<Contender> contenders(List<String> weir) {
        return List.of(
                new KernelForwarding(),
                new KernelNat(),
                new HaProxy(),
                new NginxStream(),
                new Weir(weir, "weir-nat", Weir.Method.NAT, List.of()),
                new Weir(weir, "weir-nat-afxdp", Weir.Method.NAT, List.of("--io=afxdp")),
                new Weir(weir, "weir-nat-afxdp-skb", Weir.Method.NAT, List.of("--io=afxdp-skb")),
                new Weir(weir, "weir-dr", Weir.Method.ROUTE, List.of()));
    }

    static List<Measure> measures() {
        List<Measure> all =
                new ArrayList<>(
                        List.of(
                                new BulkTransfer("bulk", Layout.DEFAULT),
                                new WebLoad(
                                        "connections",
                                        WebLoad.Connection.SHORT,
                                        32,
                                        Layout.DEFAULT),
                                new WebLoad(
                                        "requests", WebLoad.Connection.KEPT, 32, Layout.DEFAULT),
                                new Latency("latency-one", 1, 0, Layout.DEFAULT),
                                new Latency("latency-lone", 1, 200, Layout.DEFAULT),
                                new Latency("latency-open", 16, 4000, Layout.DEFAULT),
                                new ConnectionMemory(),
                                new BulkTransfer("bulk-apart", Layout.APART),
                                new WebLoad(
                                        "connections-apart",
                                        WebLoad.Connection.SHORT,
                                        32,
                                        Layout.APART),
                                new WebLoad(
                                        "requests-apart",
                                        WebLoad.Connection.KEPT,
                                        32,
                                        Layout.APART),
                                new Latency("latency-one-apart", 1, 0, Layout.APART)));
        all.addAll(PacketMeasures.all());
        all.add(new Pauses("pauses", PauseLoad.PACKETS));
        all.add(new Pauses("pauses-requests", PauseLoad.REQUESTS));
        all.add(new SynFlood("syn-flood", 17, 1));
        all.add(new SynFlood("syn-flood-overload", 17, 3));
        // A link of 1 Gbit/s has room for 1.49 million SYNs a second.
        all.add(new SynFlood("syn-flood-full", 17, 15));
        // For weir with room for them: --variant 'million=nat --connections 8388608'.
        all.add(new SynFlood("syn-flood-million", 20, 15));
        return all;
    }
}
