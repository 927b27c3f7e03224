package io.weir.dr;

import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.TunnelSettings;
import io.weir.dataplane.testing.WorkerBench;

/** Benches whose one server is behind a tunnel. */
final class TunnelBench {
    private TunnelBench() {}

    /** A service of one port, TCP and UDP, through a tunnel of this kind. */
    static WorkerBench of(TunnelSettings.Type type, int port, TunnelSettings.Checksum checksum) {
        return of(new WorkerBench.Options(), new TunnelSettings(type, port, checksum));
    }

    static WorkerBench of(WorkerBench.Options options, TunnelSettings tunnel) {
        WorkerBench bench = new WorkerBench(options, TunnelForwarder::new);
        for (int protocol : new int[] {ServiceId.TCP, ServiceId.UDP}) {
            bench.service(protocol, 53, ForwardingMethod.TUNNEL, 53);
            assertThat(
                            bench.worker()
                                    .director()
                                    .editServer(
                                            ServiceId.of(protocol, WorkerBench.address(VIP), 53),
                                            new ServerId(WorkerBench.address(SERVER), 53),
                                            new ServerSettings(
                                                    ForwardingMethod.TUNNEL, 1, 0, 0, tunnel)))
                    .isEqualTo(RuleResult.DONE);
        }
        return bench;
    }
}
