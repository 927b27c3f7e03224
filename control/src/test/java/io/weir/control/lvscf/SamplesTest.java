package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Configuration;
import io.weir.control.config.ConnectionSyncConfig;
import io.weir.control.config.FailureAction;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Three files as Piranha has them become what Piranha would run, less its faults. */
class SamplesTest {
    @Test
    void natWithTwoPortsBehindOneMark() throws IOException, LvsCfException {
        LvsCf.Reading reading = Reads.inspect(Reads.sample("nat-marks.cf"));
        Configuration configuration = reading.configuration();
        assertThat(configuration.serial()).isEqualTo(7);
        assertThat(configuration.heartbeat())
                .isEqualTo(
                        new HeartbeatConfig(
                                Reads.address("203.0.113.11"),
                                Reads.address("10.20.0.11"),
                                Reads.address("203.0.113.12"),
                                Reads.address("10.20.0.12"),
                                539,
                                Duration.ofSeconds(6),
                                Duration.ofSeconds(18),
                                true,
                                false,
                                null,
                                List.of(
                                        floating("10.20.0.1", 24, "eth1", "eth1:1"),
                                        floating("203.0.113.80", 24, "eth0", "eth0:1")),
                                AnnouncementConfig.DEFAULT));
        assertThat(configuration.connectionSync())
                .isEqualTo(new ConnectionSyncConfig("eth0", 0, 0, null, 0, 0, null));
        Prefix vip = Prefix.host(Reads.address("203.0.113.80"));
        assertThat(configuration.marks())
                .containsExactly(
                        MarkRule.of(6, vip, 80, 80, 80), MarkRule.of(6, vip, 443, 443, 80));
        ServiceConfig service =
                new ServiceConfig(
                        "shop-web+shop-tls",
                        ServiceId.ofMark(80, false),
                        new ServiceSettings("wlc", 0, 300, -1, false, null),
                        List.of(shop("web1", "10.20.0.21", 1), shop("web2", "10.20.0.22", 3)),
                        null,
                        1);
        assertThat(configuration.services()).containsExactly(service);
        assertThat(reading.notes()).isEmpty();
    }

    private static ServerConfig shop(String name, String address, int weight) {
        Probe alive =
                new Probe.SendExpect(
                        false,
                        "GET /alive HTTP/1.0\r\n\r\n",
                        new Expectation.Matching("HTTP/1.[01] 200"));
        Probe tls =
                new Probe.Program(
                        List.of("/usr/local/sbin/check_tls", "%h", "%p"),
                        new Expectation.Exactly("OK"),
                        false);
        return new ServerConfig(
                name,
                new ServerId(Reads.address(address), 0),
                ServerSettings.of(ForwardingMethod.MASQUERADE, weight),
                List.of(check(alive, address, 80, 6, 2), check(tls, address, 443, 10, 3)),
                FailureAction.REMOVE,
                false,
                null,
                null);
    }

    private static CheckConfig check(Probe probe, String address, int port, int timeout, int rise) {
        Duration interval = Duration.ofSeconds(timeout);
        CheckTiming timing = new CheckTiming(interval, interval, interval, 1, rise, true, 0);
        return new CheckConfig(
                probe, Reads.address(address), port, CheckConfig.Path.DIRECT, timing);
    }

    private static FloatingAddress floating(String address, int length, String device, String at) {
        return new FloatingAddress(Reads.address(address), length, device, at);
    }

    @Test
    void directRoutingOfDnsAndFtp() throws IOException, LvsCfException {
        Configuration configuration = Reads.read(Reads.sample("direct.cf"));
        assertThat(configuration.connectionSync()).isNull();
        HeartbeatConfig heartbeat = configuration.heartbeat();
        assertThat(heartbeat).isNotNull();
        assertThat(heartbeat.backupPrivate()).isEqualTo(heartbeat.backup());
        assertThat(heartbeat.port()).isEqualTo(1050);
        assertThat(heartbeat.addresses())
                .containsExactly(
                        floating("192.0.2.53", 32, "eth0", "eth0:1"),
                        floating("192.0.2.21", 32, "eth0", "eth0:2"));
        Probe dns =
                new Probe.Program(
                        List.of("/usr/local/sbin/check_dns", "%h"),
                        new Expectation.Exactly("OK"),
                        false);
        ServiceConfig resolver =
                new ServiceConfig(
                        "resolver",
                        ServiceId.of(17, Reads.address("192.0.2.53"), 53),
                        ServiceSettings.of("sh"),
                        List.of(
                                new ServerConfig(
                                        "r1",
                                        new ServerId(Reads.address("192.0.2.61"), 53),
                                        ServerSettings.of(ForwardingMethod.ROUTE, 1),
                                        List.of(check(dns, "192.0.2.61", 53, 5, 2)),
                                        FailureAction.QUIESCE,
                                        false,
                                        null,
                                        null)),
                        null,
                        1);
        Probe banner = new Probe.SendExpect(false, "", new Expectation.Prefix("220"));
        ServiceConfig files =
                new ServiceConfig(
                        "files",
                        ServiceId.ofMark(21, false),
                        new ServiceSettings("lc", 0, 900, 0xffffff00, false, null),
                        List.of(
                                new ServerConfig(
                                        "f1",
                                        new ServerId(Reads.address("192.0.2.71"), 0),
                                        ServerSettings.of(ForwardingMethod.ROUTE, 1),
                                        List.of(check(banner, "192.0.2.71", 21, 10, 6)),
                                        FailureAction.REMOVE,
                                        false,
                                        null,
                                        null)),
                        null,
                        1);
        assertThat(configuration.services()).containsExactly(resolver, files);
        Prefix vip = Prefix.host(Reads.address("192.0.2.21"));
        assertThat(configuration.marks()).containsExactly(MarkRule.of(6, vip, 21, 21, 21));
    }

    @Test
    void aServiceOfTheRoutersThemselves() throws IOException, LvsCfException {
        Configuration configuration = Reads.read(Reads.sample("failover.cf"));
        assertThat(configuration.services()).isEmpty();
        Probe probe =
                new Probe.SendExpect(false, "GET / HTTP/1.0\r\n\r\n", new Expectation.Anything());
        assertThat(configuration.localServices())
                .containsExactly(
                        new LocalServiceConfig(
                                "intranet",
                                Reads.address("192.0.2.40"),
                                8080,
                                List.of("/etc/rc.d/init.d/httpd", "start"),
                                List.of("/etc/rc.d/init.d/httpd", "stop"),
                                List.of(check(probe, "192.0.2.40", 8080, 10, 18))));
        assertThat(configuration.heartbeat()).isNotNull();
        assertThat(configuration.heartbeat().addresses())
                .containsExactly(floating("192.0.2.40", 24, "eth0", "eth0:1"));
    }
}
