package io.weir.control.check.probe;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

/** Knows who makes checks of which kind. */
public final class ProbeRunners {
    private final ProbeRunner tcpConnect;

    public ProbeRunners(ProbeTransport transport) {
        tcpConnect = new TcpConnectRunner(new TcpConnector(transport));
    }

    /**
     * Who makes this check; asked anew for each, on any thread.
     *
     * @param service the virtual service that the server is checked for
     * @param server the server there
     * @param method how the service reaches it
     */
    public ProbeRunner runner(
            ServiceId service, ServerId server, ForwardingMethod method, CheckConfig check) {
        return switch (check.probe()) {
            case Probe.TcpConnect tcp -> tcpConnect;
            default ->
                    (asked, loop, result) -> {
                        result.ended(ProbeResult.failed("this kind of check is not made here"));
                        return () -> {};
                    };
        };
    }
}
