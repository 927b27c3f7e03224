package io.weir.control.lvscf;

import io.weir.control.check.through.ThroughService;
import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Configuration;
import io.weir.control.config.ConnectionSyncConfig;
import io.weir.control.config.FailureAction;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.LoadConfig;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.control.config.PushConfig;
import io.weir.control.config.ScriptConfig;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.SorryServerConfig;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.service.TunnelSettings;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Configurations of every kind that lvs.cf can say. */
final class RandomConfigurations {
    private final Random random;
    private int next;

    RandomConfigurations(Random random) {
        this.random = random;
    }

    Configuration configuration() {
        next = 1;
        boolean local = random.nextInt(5) == 0;
        boolean vrrp = random.nextInt(3) == 0;
        List<ServiceConfig> services = new ArrayList<>();
        List<LocalServiceConfig> localServices = new ArrayList<>();
        List<FloatingAddress> floating = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            floating.add(floating(false));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            if (local) {
                localServices.add(local(vrrp ? new ArrayList<>() : floating));
            } else {
                services.add(service(floating));
            }
        }
        List<VrrpInstanceConfig> instances = new ArrayList<>();
        for (int i = vrrp ? 1 + random.nextInt(3) : 0; i > 0; i--) {
            instances.add(instance(i));
        }
        for (int i = 0; vrrp && i < localServices.size(); i++) {
            localServices.set(i, at(localServices.get(i), instances.getFirst().addresses()));
        }
        if (!vrrp && local && random.nextBoolean()) {
            java.util.Collections.shuffle(floating, random);
        }
        return new Configuration(
                random.nextInt(1000),
                new Timeouts(random.nextInt(100), random.nextInt(100), random.nextInt(100)),
                services,
                localServices,
                marks(),
                masquerade(),
                vrrp ? null : heartbeat(floating),
                instances,
                vrrp ? List.of(new SyncGroupConfig("all", names(instances))) : List.of(),
                random.nextBoolean() ? null : sync(instances),
                random.nextBoolean() ? null : push(),
                new ScriptConfig(command(), command(), command()));
    }

    private static List<String> names(List<VrrpInstanceConfig> instances) {
        return instances.stream().map(VrrpInstanceConfig::name).toList();
    }

    private static LocalServiceConfig at(LocalServiceConfig from, List<FloatingAddress> where) {
        return new LocalServiceConfig(
                from.name(),
                where.getFirst().address(),
                from.port(),
                from.start(),
                from.stop(),
                from.checks());
    }

    private IpAddress address(boolean ipv6) {
        int number = next++;
        return ipv6 ? IpAddress.v6(0xfd00L << 48, number) : IpAddress.v4(0x0a000000 + number);
    }

    private int port() {
        return 1 + random.nextInt(65535);
    }

    private Duration millis(int least) {
        return Duration.ofMillis(least + random.nextInt(100_000));
    }

    private FloatingAddress floating(boolean ipv6) {
        String device = "eth" + random.nextInt(3);
        boolean label = !ipv6 && random.nextBoolean();
        return new FloatingAddress(
                address(ipv6),
                1 + random.nextInt(ipv6 ? 128 : 32),
                device,
                label ? device + ":" + next : null);
    }

    private List<String> command() {
        return switch (random.nextInt(3)) {
            case 0 -> List.of();
            case 1 -> List.of("/bin/tell");
            default -> List.of("/bin/tell", "all of you", "'quoted'", "#", "");
        };
    }

    private ServiceConfig service(List<FloatingAddress> floating) {
        boolean ipv6 = random.nextBoolean();
        boolean mark = random.nextInt(3) == 0;
        int protocol = mark || random.nextBoolean() ? ServiceId.UDP : ServiceId.TCP;
        int seconds = random.nextBoolean() ? 0 : 1 + random.nextInt(1000);
        int port = seconds > 0 && random.nextInt(4) == 0 ? 0 : port();
        ServiceId id =
                mark
                        ? ServiceId.ofMark(random.nextInt() | 1, ipv6)
                        : ServiceId.of(protocol, address(ipv6), port);
        boolean udp = protocol == ServiceId.UDP;
        int whole = ipv6 ? 128 : -1;
        int netmask = ipv6 ? 1 + random.nextInt(128) : -1 << random.nextInt(32);
        ServiceSettings settings =
                new ServiceSettings(
                        random.nextBoolean() ? "wlc" : "mh",
                        random.nextInt(8),
                        seconds,
                        seconds > 0 && random.nextBoolean() ? netmask : whole,
                        udp && random.nextBoolean(),
                        seconds > 0 && udp && random.nextBoolean() ? "sip" : null);
        if (!mark && random.nextInt(3) > 0) {
            FloatingAddress place = floating(ipv6);
            floating.add(
                    new FloatingAddress(
                            id.address(), place.prefixLength(), place.device(), place.label()));
        }
        List<ServerConfig> servers = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            servers.add(server(id, ipv6));
        }
        SorryServerConfig sorry = null;
        if (random.nextBoolean()) {
            sorry =
                    new SorryServerConfig(
                            new ServerId(address(ipv6), mark ? 0 : port),
                            ServerSettings.of(ForwardingMethod.ROUTE, 1));
        }
        return new ServiceConfig(
                "service " + next++, id, settings, servers, sorry, 1 + random.nextInt(3));
    }

    private ServerConfig server(ServiceId service, boolean ipv6) {
        ForwardingMethod method =
                List.of(
                                ForwardingMethod.MASQUERADE,
                                ForwardingMethod.ROUTE,
                                ForwardingMethod.TUNNEL)
                        .get(random.nextInt(3));
        boolean tunnel = method == ForwardingMethod.TUNNEL;
        boolean free = service.isMark() || method == ForwardingMethod.MASQUERADE;
        int port = free && random.nextBoolean() ? port() : service.port();
        int upper = random.nextInt(1000);
        List<CheckConfig> checks = new ArrayList<>();
        IpAddress address = address(tunnel ? random.nextBoolean() : ipv6);
        for (int i = random.nextInt(4); i > 0; i--) {
            checks.add(throughSometimes(service, method, check(address), address));
        }
        return new ServerConfig(
                "server" + next++,
                new ServerId(address, port),
                new ServerSettings(
                        method,
                        random.nextInt(1000),
                        upper,
                        random.nextInt(upper + 1),
                        tunnel ? tunnel() : TunnelSettings.IPIP),
                checks,
                random.nextBoolean() ? FailureAction.REMOVE : FailureAction.QUIESCE,
                random.nextBoolean(),
                load(),
                random.nextBoolean() ? null : millis(0));
    }

    private TunnelSettings tunnel() {
        return switch (random.nextInt(3)) {
            case 0 -> TunnelSettings.IPIP;
            case 1 ->
                    new TunnelSettings(
                            TunnelSettings.Type.GUE, port(), TunnelSettings.Checksum.REMOTE);
            default -> new TunnelSettings(TunnelSettings.Type.GRE, 0, TunnelSettings.Checksum.FULL);
        };
    }

    private @Nullable LoadConfig load() {
        Duration period = millis(100);
        Duration timeout = millis(100);
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 ->
                    new LoadConfig(
                            LoadConfig.Source.COMMAND,
                            List.of("http", "%h", "a b"),
                            "",
                            0,
                            period,
                            timeout);
            case 2 ->
                    new LoadConfig(
                            LoadConfig.Source.HTTP, List.of(), "/load", port(), period, timeout);
            default ->
                    new LoadConfig(LoadConfig.Source.AGENT, List.of(), "", port(), period, timeout);
        };
    }

    private CheckConfig check(IpAddress server) {
        Probe probe = probe();
        CheckTiming timing =
                new CheckTiming(
                        millis(50),
                        millis(50),
                        millis(50),
                        1 + random.nextInt(5),
                        1 + random.nextInt(5),
                        random.nextBoolean(),
                        random.nextInt(101));
        return new CheckConfig(
                probe,
                random.nextBoolean() ? server : address(random.nextBoolean()),
                probe instanceof Probe.Ping ? 0 : port(),
                CheckConfig.Path.DIRECT,
                timing);
    }

    private CheckConfig throughSometimes(
            ServiceId service, ForwardingMethod method, CheckConfig direct, IpAddress server) {
        CheckConfig through =
                new CheckConfig(
                        direct.probe(),
                        server,
                        direct.port(),
                        CheckConfig.Path.THROUGH_SERVICE,
                        direct.timing());
        boolean possible = ThroughService.refusal(service, method, through) == null;
        return possible && random.nextBoolean() ? through : direct;
    }

    private String bytes() {
        StringBuilder bytes = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            bytes.append(
                    random.nextBoolean() ? (char) random.nextInt(256) : "\\\"'x*n#".charAt(i % 7));
        }
        return bytes.toString();
    }

    private @Nullable Expectation answer(boolean exactly) {
        return switch (random.nextInt(5)) {
            case 0 -> new Expectation.Anything();
            case 4 -> new Expectation.NotMatching("(?i)error|" + Escapes.regex(bytes()));
            case 1 -> new Expectation.Matching("[0-9]+ '\\x22' " + Escapes.regex(bytes()));
            case 2 -> null;
            default -> exactly ? new Expectation.Exactly(bytes()) : new Expectation.Prefix(bytes());
        };
    }

    private static Expectation orNothing(@Nullable Expectation expect) {
        return expect == null ? new Expectation.Prefix("") : expect;
    }

    private Probe probe() {
        return switch (random.nextInt(9)) {
            case 0 -> new Probe.TcpConnect();
            case 1 -> new Probe.SendExpect(false, bytes(), orNothing(answer(false)));
            case 2 -> new Probe.SendExpect(true, "x" + bytes(), orNothing(answer(false)));
            case 8 ->
                    new Probe.Datagram(
                            "x" + bytes(), random.nextBoolean(), 2, 2 + random.nextInt(1000));
            case 3 ->
                    new Probe.Program(
                            List.of("/bin/probe", "%h", "a b"), answer(true), random.nextBoolean());
            case 4 -> http();
            case 5 -> new Probe.Dns("www.example", "AAAA", random.nextBoolean());
            case 6 -> new Probe.Smtp("lb.example");
            default -> new Probe.Ping();
        };
    }

    private Probe http() {
        boolean tls = random.nextBoolean();
        Expectation body = answer(true);
        return new Probe.Http(
                tls,
                "/path?a='b'",
                random.nextBoolean() ? null : "www.example",
                tls && random.nextBoolean(),
                tls && random.nextBoolean(),
                200,
                200 + random.nextInt(100),
                random.nextBoolean() ? null : "0123456789abcdef0123456789abcdef",
                body instanceof Expectation.Exactly ? null : body);
    }

    private LocalServiceConfig local(List<FloatingAddress> floating) {
        FloatingAddress place = floating(random.nextBoolean());
        floating.add(place);
        return new LocalServiceConfig(
                "local" + next++,
                place.address(),
                port(),
                List.of("/bin/service", "start"),
                List.of("/bin/service", "stop"),
                random.nextBoolean() ? List.of() : List.of(check(place.address())));
    }

    private List<MarkRule> marks() {
        return random.nextBoolean()
                ? List.of()
                : List.of(
                        MarkRule.of(6, Prefix.host(address(false)), 80, 90, 7),
                        MarkRule.of(0, Prefix.host(address(true)), 0, 65535, 8));
    }

    private List<MasqueradeRule> masquerade() {
        return random.nextBoolean()
                ? List.of()
                : List.of(
                        new MasqueradeRule(
                                6,
                                Prefix.of(address(false), 24),
                                20,
                                Prefix.any(false),
                                address(false)));
    }

    private AnnouncementConfig announcements() {
        return random.nextBoolean()
                ? AnnouncementConfig.DEFAULT
                : new AnnouncementConfig(1 + random.nextInt(9), millis(0), millis(0), millis(0));
    }

    private HeartbeatConfig heartbeat(List<FloatingAddress> floating) {
        IpAddress primary = address(false);
        boolean two = random.nextBoolean();
        IpAddress backup = two ? address(false) : null;
        boolean second = random.nextBoolean();
        Duration keepalive = millis(10);
        return new HeartbeatConfig(
                primary,
                second ? address(false) : primary,
                backup,
                second && two ? address(false) : backup,
                port(),
                keepalive,
                keepalive.plusMillis(1 + random.nextInt(1000)),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean() ? null : Path.of("/etc/weir/secret"),
                floating,
                announcements());
    }

    private VrrpInstanceConfig instance(int number) {
        boolean ipv6 = random.nextBoolean();
        int version = ipv6 ? 3 : 2 + random.nextInt(2);
        return new VrrpInstanceConfig(
                "vrrp" + number,
                "eth0",
                number,
                version,
                ipv6,
                1 + random.nextInt(255),
                version == 2
                        ? Duration.ofSeconds(1 + random.nextInt(255))
                        : Duration.ofMillis(10 + 10L * random.nextInt(4000)),
                random.nextBoolean(),
                millis(0),
                random.nextBoolean(),
                List.of(floating(ipv6), floating(ipv6)),
                random.nextBoolean() ? List.of() : List.of(floating(!ipv6), floating(ipv6)),
                random.nextBoolean() ? null : address(ipv6),
                random.nextBoolean() ? List.of() : List.of(address(ipv6), address(ipv6)),
                version == 2 && random.nextBoolean() ? "a\"b#" : null,
                random.nextBoolean(),
                random.nextBoolean() ? List.of() : List.of("eth1", "eth2"),
                announcements());
    }

    private ConnectionSyncConfig sync(List<VrrpInstanceConfig> instances) {
        return new ConnectionSyncConfig(
                "eth" + random.nextInt(3),
                random.nextInt(256),
                random.nextBoolean() ? 0 : 1400,
                random.nextBoolean() ? null : IpAddress.parse("224.0.0.99"),
                random.nextBoolean() ? 0 : port(),
                random.nextInt(256),
                instances.isEmpty() || random.nextBoolean() ? null : instances.getLast().name());
    }

    private PushConfig push() {
        return new PushConfig(
                random.nextBoolean() ? null : new InetSocketAddress("192.0.2.11", port()),
                random.nextBoolean() ? null : new InetSocketAddress("192.0.2.12", port()),
                Path.of("/c.pem"),
                Path.of("/k.pem"),
                Path.of("/t.pem"),
                random.nextBoolean());
    }
}
