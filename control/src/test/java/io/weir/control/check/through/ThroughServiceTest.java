package io.weir.control.check.through;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.weir.control.check.probe.ProbeResult;
import io.weir.control.check.probe.ProbeRunner;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Which checks take which way; the way itself needs a network. */
final class ThroughServiceTest {
    private static final ServiceId SERVICE = ServiceId.of(ServiceId.TCP, address("10.1.0.100"), 80);
    private static final ServerId SERVER = new ServerId(address("10.2.0.11"), 8080);

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static CheckConfig check(Probe probe) {
        return new CheckConfig(
                probe,
                SERVER.address(),
                8080,
                CheckConfig.Path.THROUGH_SERVICE,
                CheckTiming.nanny(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    }

    private static String refusal(ServiceId service, ForwardingMethod method, Probe probe) {
        return String.valueOf(ThroughService.refusal(service, method, check(probe)));
    }

    @Test
    void whatCannotGoThroughTheServiceIsRefused() {
        Probe tcp = new Probe.TcpConnect();
        assertThat(refusal(SERVICE, ForwardingMethod.ROUTE, tcp)).isEqualTo("null");
        assertThat(refusal(SERVICE, ForwardingMethod.MASQUERADE, tcp)).isEqualTo("null");
        assertThat(refusal(SERVICE, ForwardingMethod.TUNNEL, tcp)).contains("through tunnels");
        assertThat(refusal(SERVICE, ForwardingMethod.LOCAL, tcp)).contains("on the router itself");
        assertThat(refusal(SERVICE, ForwardingMethod.ROUTE, new Probe.Ping())).contains("a ping");
        ServiceId mark = ServiceId.ofMark(7, false);
        assertThat(refusal(mark, ForwardingMethod.ROUTE, tcp)).contains("firewall mark");
        assertThat(refusal(mark, ForwardingMethod.MASQUERADE, tcp)).isEqualTo("null");
    }

    @Test
    void refusedChecksSayNothingAboutTheServer() {
        List<ProbeResult> results = new ArrayList<>();
        start(ForwardingMethod.TUNNEL, new Probe.TcpConnect(), new ArrayList<>(), results);
        assertThat(results)
                .containsExactly(
                        ProbeResult.notMade(
                                "checks are not sent through tunnels; check the real server"
                                        + " directly"));
    }

    @Test
    void throughNatAClientsPacketReachesTheServersOwnAddress() {
        List<CheckConfig> asked = new ArrayList<>();
        Probe.Http page = new Probe.Http(false, "/", null, true, true, 200, 299, null, null);
        start(ForwardingMethod.MASQUERADE, page, asked, new ArrayList<>());
        assertThat(asked).hasSize(1);
        CheckConfig made = asked.getFirst();
        assertThat(made.address()).isEqualTo(SERVER.address());
        assertThat(made.port()).isEqualTo(8080);
        assertThat(made.path()).isEqualTo(CheckConfig.Path.DIRECT);
        assertThat(((Probe.Http) made.probe()).host()).isEqualTo("10.2.0.11:8080");
    }

    private static void start(
            ForwardingMethod method,
            Probe probe,
            List<CheckConfig> asked,
            List<ProbeResult> results) {
        ProbeRunner direct =
                (check, loop, result) -> {
                    asked.add(check);
                    return () -> {};
                };
        DefaultEventLoop loop = new DefaultEventLoop();
        try (ThroughService through = new ThroughService()) {
            var _ =
                    through.runner(SERVICE, SERVER, method, direct)
                            .start(check(probe), loop, results::add);
        } finally {
            var _ = loop.shutdownGracefully();
        }
    }
}
