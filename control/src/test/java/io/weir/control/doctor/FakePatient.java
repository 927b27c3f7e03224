package io.weir.control.doctor;

import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A healthy router with the interfaces front and back, until something is changed. */
final class FakePatient implements Patient {
    static final long OWN_MAC = 0x020000000001L;

    final List<Link> links =
            new ArrayList<>(
                    List.of(
                            new Link(1, "front", OWN_MAC, 1500, true, true),
                            new Link(2, "back", OWN_MAC + 1, 1500, true, true)));
    final List<LinkAddress> addresses =
            new ArrayList<>(
                    List.of(
                            new LinkAddress(address("10.1.0.1"), 24, 1),
                            new LinkAddress(address("10.1.0.100"), 32, 1),
                            new LinkAddress(address("10.2.0.1"), 24, 2)));
    final Set<String> captured = new HashSet<>(Set.of("front", "back"));
    final List<ServiceListing> services = new ArrayList<>();
    final Map<String, String> proc =
            new HashMap<>(
                    Map.of(
                            "sys/net/ipv4/ip_forward",
                            "1\n",
                            "self/smaps_rollup",
                            "Rss: 400000 kB\nAnonHugePages:    131072 kB\n"));
    final List<WorkerState> workers = new ArrayList<>(List.of(new WorkerState(null, false, 0.5)));
    final Map<String, String> sys = new HashMap<>();
    final Map<String, Set<Long>> arp = new HashMap<>();
    final List<Failover.Status> partners = new ArrayList<>();
    final Set<String> largeReceive = new HashSet<>();
    Role role = Role.ACTIVE;
    @Nullable Boolean clock = true;

    static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    /** Adds a service at 10.1.0.100:80 with one server. */
    FakePatient serve(ForwardingMethod method, String server, int port, long in, long out) {
        ServerListing listing =
                new ServerListing(
                        new ServerId(address(server), port),
                        ServerSettings.of(method, 1),
                        0,
                        0,
                        0,
                        false,
                        new CounterSnapshot(0, in, out, 0, 0, 0, 0, 0, 0, 0));
        services.add(
                new ServiceListing(
                        ServiceId.of(ServiceId.TCP, address("10.1.0.100"), 80),
                        ServiceSettings.of("rr"),
                        CounterSnapshot.ZERO,
                        List.of(listing)));
        return this;
    }

    @Override
    public NetworkSnapshot network() {
        return new NetworkSnapshot(links, addresses, List.of());
    }

    @Override
    public String io(String link) {
        return "af_packet";
    }

    @Override
    public Set<String> captured() {
        return captured;
    }

    @Override
    public List<WorkerState> workers() {
        return workers;
    }

    @Override
    public List<ServiceListing> services() {
        return services;
    }

    @Override
    public Role role() {
        return role;
    }

    @Override
    public List<Failover.Status> partners() {
        return partners;
    }

    @Override
    public @Nullable String proc(String path) {
        return proc.get(path);
    }

    @Override
    public @Nullable String sys(String path) {
        return sys.get(path);
    }

    @Override
    public Set<Long> whoHas(Link link, IpAddress asked) {
        return arp.getOrDefault(link.name() + " " + asked, Set.of());
    }

    @Override
    public @Nullable Boolean offload(String link, String feature) {
        return largeReceive.contains(link) && feature.equals("large-receive-offload");
    }

    @Override
    public @Nullable Boolean clockSynchronized() {
        return clock;
    }
}
