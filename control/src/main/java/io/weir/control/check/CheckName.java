package io.weir.control.check;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;

/** What a person calls a check: its kind and its target, as "http 10.0.0.1:80/status". */
final class CheckName {
    private CheckName() {}

    static String of(CheckConfig check) {
        String target = target(check.address(), check.port());
        String name =
                switch (check.probe()) {
                    case Probe.TcpConnect tcp -> "tcp " + target;
                    case Probe.SendExpect expect ->
                            (expect.udp() ? "udp expect " : "tcp expect ") + target;
                    case Probe.Datagram datagram -> "udp " + target;
                    case Probe.Program program -> program(program) + " " + target;
                    case Probe.Http http ->
                            (http.tls() ? "https " : "http ") + target + http.path();
                    case Probe.Dns dns -> "dns " + target + " " + dns.type() + " " + dns.name();
                    case Probe.Smtp smtp -> "smtp " + target;
                    case Probe.Ping ping -> "ping " + check.address();
                };
        return check.path() == CheckConfig.Path.THROUGH_SERVICE
                ? name + " through the service"
                : name;
    }

    private static String program(Probe.Program program) {
        return program.command().isEmpty() ? "program" : "program " + program.command().getFirst();
    }

    private static String target(IpAddress address, int port) {
        return (address.ipv6() ? "[" + address + "]" : address.toString()) + ":" + port;
    }
}
