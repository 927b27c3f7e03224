package io.weir.dr;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.testing.WorkerBench;

/** Benches whose one server is behind a tunnel. */
final class TunnelBench {
    private TunnelBench() {}

    /** A service of TCP and UDP port 53 with one server, through a tunnel of this kind. */
    static WorkerBench of(TunnelSettings.Type type, int port, TunnelSettings.Checksum checksum) {
        return of(WorkerBench.VIP, WorkerBench.SERVER, new TunnelSettings(type, port, checksum));
    }

    /** The same for this virtual address, with one server at that address. */
    static WorkerBench of(String virtual, String server, TunnelSettings tunnel) {
        return of(virtual, server, tunnel, WorkerBench.MTU);
    }

    /** The same with a link to the servers that takes packets of this size. */
    static WorkerBench of(String virtual, String server, TunnelSettings tunnel, int mtu) {
        WorkerBench.Options options = new WorkerBench.Options();
        options.serverMtu = mtu;
        WorkerBench bench = new WorkerBench(options, TunnelForwarder::new);
        for (int protocol : new int[] {ServiceId.TCP, ServiceId.UDP}) {
            ServiceId id = ServiceId.of(protocol, WorkerBench.address(virtual), 53);
            bench.worker().director().addService(id, ServiceSettings.of("first"));
            ServerSettings settings = new ServerSettings(ForwardingMethod.TUNNEL, 1, 0, 0, tunnel);
            ServerId real = new ServerId(WorkerBench.address(server), 53);
            assertThat(bench.worker().director().addServer(id, real, settings))
                    .isEqualTo(RuleResult.DONE);
        }
        return bench;
    }
}
