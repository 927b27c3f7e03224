package io.weir.control.api;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.MarkEditor;
import io.weir.control.masquerade.MasqueradeEditor;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncRole;
import io.weir.dataplane.worker.DurationSpread;
import io.weir.dataplane.worker.DurationSums;
import io.weir.dataplane.worker.WorkerTimes;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A balancer with one TCP service, one marked service, and as many connections as the test asks
 * for. Its rules cannot be changed; its ipvsadm prints what it was called with.
 */
public class FakeBalancer implements Administration, BalancerView {
    private static final CounterSnapshot COUNTERS =
            new CounterSnapshot(4, 40, 36, 4000, 3600, 1, 2, 3, 4, 5);
    private static final ServiceSettings MARKED =
            new ServiceSettings("sh", 3, 300, 0xffffff00, false, null);

    private final MarkEditor marks = new MarkEditor(new Marks(), Names.NONE);
    private final MasqueradeEditor masquerade =
            new MasqueradeEditor(new Masquerading(), Names.NONE);
    private final Sysctls sysctls = new Sysctls();
    private final int connectionCount;

    public FakeBalancer(int connectionCount) {
        this.connectionCount = connectionCount;
    }

    public ApiBackend backend() {
        return new ApiBackend(
                this,
                FakeBalancer::ipvsadm,
                marks,
                masquerade,
                this,
                null,
                "1.2.3",
                "net:[42]",
                Instant.now());
    }

    private static final class Masquerading implements MasqueradeEditor.Store {
        private MasqueradeTable table = MasqueradeTable.EMPTY;

        @Override
        public List<MasqueradeRule> masquerading() {
            return table.rules();
        }

        @Override
        public void setMasquerading(MasqueradeTable changed) {
            table = changed;
        }
    }

    private static final class Marks implements MarkEditor.Store {
        private MarkTable table = MarkTable.EMPTY;

        @Override
        public List<MarkRule> marks() {
            return table.rules();
        }

        @Override
        public void setMarks(MarkTable changed) {
            table = changed;
        }
    }

    /** Serves this balancer on a socket. */
    public ApiServer serve(Path socket) throws IOException {
        ApiServer server = ApiServer.create();
        try {
            server.serve(socket, backend());
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /** Exits with the number in its first argument; --lines N prints so many lines. */
    private static int ipvsadm(
            String program,
            List<String> arguments,
            InputStream input,
            OutputStream output,
            OutputStream errors)
            throws IOException {
        if (arguments.contains("--throw")) {
            throw new IllegalStateException("as the test wanted");
        }
        int lines = arguments.indexOf("--lines");
        if (lines >= 0) {
            for (int i = 0; i < Integer.parseInt(arguments.get(lines + 1)); i++) {
                output.write(("line " + i + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } else {
            output.write((program + " " + arguments + "\n").getBytes(StandardCharsets.UTF_8));
            output.write(input.readAllBytes());
        }
        int fail = arguments.indexOf("--fail");
        if (fail >= 0) {
            errors.write("No such service\n".getBytes(StandardCharsets.UTF_8));
            return Integer.parseInt(arguments.get(fail + 1));
        }
        return 0;
    }

    @Override
    public List<ServiceListing> services() {
        return List.of(
                new ServiceListing(
                        ServiceId.of(ServiceId.TCP, ip("10.0.0.1"), 80),
                        ServiceSettings.of("wlc"),
                        COUNTERS,
                        List.of(server("10.0.1.2"))),
                new ServiceListing(
                        ServiceId.ofMark(21, false), MARKED, CounterSnapshot.ZERO, List.of()));
    }

    private static ServerListing server(String address) {
        return new ServerListing(
                new ServerId(ip(address), 8080),
                ServerSettings.of(ForwardingMethod.MASQUERADE, 3),
                1,
                2,
                0,
                false,
                COUNTERS);
    }

    static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    @Override
    public ServiceListing service(ServiceId id) {
        return services().stream().filter(s -> s.id().equals(id)).findFirst().orElse(null);
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        for (int i = 0; i < connectionCount; i++) {
            consumer.accept(
                    new ConnectionListing(
                            ServiceId.TCP,
                            ip("192.0.2.7"),
                            40000 + i % 20000,
                            ip("10.0.0.1"),
                            80,
                            ip("10.0.1.2"),
                            8080,
                            "ESTABLISHED",
                            899,
                            false,
                            null,
                            null));
        }
    }

    @Override
    public CounterSnapshot totals() {
        return COUNTERS;
    }

    @Override
    public int followedConnections() {
        return 0;
    }

    @Override
    public int connectionCapacity() {
        return 1 << 20;
    }

    @Override
    public List<Drop> drops() {
        return List.of(
                new Drop("no-server", "no real server can take it", 7),
                new Drop("too-big", "larger than the link takes", 0));
    }

    @Override
    public NetworkSnapshot network() {
        return NetworkSnapshot.EMPTY;
    }

    @Override
    public List<Port> ports() {
        return List.of(
                new Port(
                        "eth0",
                        "af_packet",
                        "",
                        true,
                        new PortStatistics(76, 7600, 0, 0, 76, 7600, 0)));
    }

    @Override
    public List<WorkerView> workers() {
        DurationSpread recent = new DurationSpread(4_096, 31_000, 80_000, 310_000, 2_113_536);
        DurationSpread turns = new DurationSpread(4_096, 31_000, 80_000, 420_000, 14_090_000);
        DurationSpread late = new DurationSpread(61_000, 120_000, 130_000, 130_000, 131_000);
        List<Long> sums = new ArrayList<>();
        for (int i = 1; i <= DurationSums.LIMITS_NANOS.size(); i++) {
            sums.add(Math.min(i * 2_500_000_000L, 14_000_000_000L));
        }
        WorkerTimes times =
                new WorkerTimes(
                        0.374, 12_345_678_901L, recent, turns, new DurationSums(sums), late, late);
        return List.of(
                new WorkerView(2, "realtime", 50, 7, 3, times),
                new WorkerView(3, "normal", 26, 0, 1, WorkerTimes.NONE));
    }

    @Override
    public SyncCounters.Snapshot syncCounters() {
        return new SyncCounters.Snapshot(30, 2, 1200, 0, 4, 1, 160);
    }

    @Override
    public List<SyncDaemon> syncDaemons() {
        IpAddress group = SyncDaemon.DEFAULT_GROUP;
        return List.of(new SyncDaemon(SyncRole.MASTER, "eth1", 5, 1472, group, 8848, 1));
    }

    @Override
    public long sysctl(Sysctl sysctl) {
        return sysctls.value(sysctl);
    }

    @Override
    public boolean setSysctl(Sysctl sysctl, long value) {
        return sysctls.set(sysctl, value);
    }

    @Override
    public Timeouts timeouts() {
        return new Timeouts(900, 120, 300);
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear() {
        throw new UnsupportedOperationException();
    }

    @Override
    public RuleResult zero(ServiceId service) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setTimeouts(Timeouts timeouts) {
        throw new UnsupportedOperationException();
    }
}
