package io.weir.control.check.probe;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

/** Knows who makes checks of which kind. */
public final class ProbeRunners implements AutoCloseable {
    private final ProbeRunner tcpConnect;
    private final ProbeRunner sendExpect;
    private final ProbeRunner udp;
    private final ProbeRunner http;
    private final ProbeRunner dns;
    private final ProbeRunner smtp;
    private final ProbeRunner program;
    private final ProgramPool programs = new ProgramPool();
    private final LoadRunner loads;
    private final PingRunner ping = new PingRunner();

    public ProbeRunners(ProbeTransport transport) {
        TcpConnector connector = new TcpConnector(transport);
        UdpConnector datagrams = new UdpConnector(transport);
        tcpConnect = new TcpConnectRunner(connector);
        sendExpect = new SendExpectRunner(connector);
        udp = new UdpRunner(datagrams);
        http = new HttpRunner(connector, new TlsContexts(TrustedAuthorities.bundle()));
        dns = new DnsRunner(connector, datagrams);
        smtp = new SmtpRunner(connector);
        program = new ProgramRunner(programs);
        loads = new LoadRunner(connector, programs);
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
            case Probe.SendExpect exchange -> exchange.udp() ? udp : sendExpect;
            case Probe.Datagram datagram -> udp;
            case Probe.Http page -> http;
            case Probe.Dns question -> dns;
            case Probe.Smtp mail -> smtp;
            case Probe.Program run -> program;
            case Probe.Ping echo -> ping;
        };
    }

    /** Who asks for loads. */
    public LoadRunner loads() {
        return loads;
    }

    /** Kills the programs that still run, and frees what checks share. */
    @Override
    public void close() {
        programs.close();
        ping.close();
    }
}
