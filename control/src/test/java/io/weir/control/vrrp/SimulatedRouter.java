package io.weir.control.vrrp;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Role;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The state machine on a machine that has a clock of its own, is stopped and goes on, crashes and
 * comes back, and loses links.
 */
final class SimulatedRouter implements RouterActions, AddressHolder {
    private static final int QUEUE = 200;
    private static final long NOT_STOPPED = -1;

    private final SimulatedNetwork network;
    private final int index;
    private final double rate;
    private final long offset;
    private final ArrayDeque<Arrival> queue = new ArrayDeque<>();
    private final Set<String> down = new HashSet<>();
    private final Set<FloatingAddress> held = new HashSet<>();
    private final Map<IpAddress, SimulatedRouter> neighbours = new HashMap<>();
    private final Map<FloatingAddress, Integer> rounds = new HashMap<>();
    private @Nullable VirtualRouters engine;
    private List<VrrpInstanceConfig> instances = List.of();
    private List<SyncGroupConfig> groups = List.of();
    private long stoppedUntil = NOT_STOPPED;
    private long wakesAt = VirtualRouter.NEVER;
    private long changes;
    private boolean asked;

    private record Arrival(String device, Datagram datagram) {}

    SimulatedRouter(SimulatedNetwork network, int index, Random random) {
        this.network = network;
        this.index = index;
        rate = 1 + (random.nextDouble() - 0.5) / 50;
        offset = random.nextLong(1_000_000_000_000L);
    }

    int index() {
        return index;
    }

    Map<IpAddress, SimulatedRouter> neighbours() {
        return neighbours;
    }

    Set<FloatingAddress> held() {
        return held;
    }

    /** Role changes so far. */
    long changes() {
        return changes;
    }

    @Nullable VirtualRouters engine() {
        return engine;
    }

    boolean runs() {
        return engine != null;
    }

    boolean isUp(String device) {
        return !down.contains(device);
    }

    IpAddress address(boolean ipv6) {
        return ipv6
                ? IpAddress.v6(0xfe80_0000_0000_0000L, 10 + index)
                : IpAddress.v4(0x0a000000 + 10 + index);
    }

    private long clock() {
        return offset + (long) (network.now() * rate);
    }

    void boot() {
        if (runs()) {
            return;
        }
        engine = new VirtualRouters(this, this);
        configure(instances, groups);
    }

    /** Dies as by kill -9 of the whole machine. */
    void crash() {
        engine = null;
        queue.clear();
        held.clear();
        rounds.clear();
    }

    void stop(long nanos) {
        stoppedUntil = network.now() + nanos;
        network.at(stoppedUntil, this::judgeLinks);
    }

    void link(String device, boolean up) {
        if (up) {
            down.remove(device);
        } else {
            down.add(device);
        }
        network.at(network.now() + 5_000_000, this::judgeLinks);
    }

    void configure(List<VrrpInstanceConfig> changed, List<SyncGroupConfig> changedGroups) {
        instances = changed;
        groups = changedGroups;
        asked = true;
        turn();
        judgeLinks();
    }

    private void judgeLinks() {
        VirtualRouters running = engine;
        if (running != null && !isStopped()) {
            if (asked) {
                running.configure(instances, groups, clock());
                asked = false;
            }
            for (VirtualRouter router : running.routers()) {
                router.setSource(address(router.config().ipv6()));
                router.setFault(isUp(router.config().device()) ? null : "link down");
            }
            running.reconsider(clock());
            turn();
        }
    }

    void handOver() {
        VirtualRouters running = engine;
        if (running != null && !isStopped()) {
            running.groups().forEach(group -> group.handOver(clock()));
            turn();
        }
    }

    void maintain(boolean on) {
        VirtualRouters running = engine;
        if (running != null && !isStopped()) {
            running.setMaintenance(on, clock());
            turn();
        }
    }

    boolean listensTo(String device, Datagram datagram) {
        IpAddress destination = datagram.destination();
        return destination.equals(MessageFormat.group(destination.ipv6()))
                || destination.equals(address(destination.ipv6()));
    }

    void arrive(String device, Datagram datagram) {
        if (runs() && isUp(device) && queue.size() < QUEUE) {
            queue.add(new Arrival(device, datagram));
            turn();
        }
    }

    private boolean isStopped() {
        return network.now() < stoppedUntil;
    }

    // As the failover thread: first what has arrived, then what is due.
    private void turn() {
        VirtualRouters running = engine;
        if (running == null || isStopped()) {
            return;
        }
        while (!queue.isEmpty()) {
            Arrival next = queue.remove();
            running.receive(next.device, next.datagram, clock());
        }
        running.expire(clock());
        long due = running.deadline();
        if (due != VirtualRouter.NEVER) {
            long late = network.random().nextLong(1_000_000);
            wake((long) Math.ceil((due - offset) / rate) + 1 + late);
        }
    }

    // Most deadlines are put off before they come; so it wakes at the old one, and looks again.
    private void wake(long at) {
        if (at < wakesAt) {
            wakesAt = at;
            network.at(
                    at,
                    () -> {
                        if (at == wakesAt) {
                            wakesAt = VirtualRouter.NEVER;
                            turn();
                        }
                    });
        }
    }

    @Override
    public void advertise(VirtualRouter router, int priority) {
        VrrpInstanceConfig config = router.config();
        IpAddress source = address(config.ipv6());
        List<IpAddress> to =
                config.peers().isEmpty()
                        ? List.of(MessageFormat.group(config.ipv6()))
                        : config.peers();
        for (IpAddress destination : to) {
            byte[] message =
                    AdvertisementWriter.write(
                            router.advertisement(priority),
                            config.password(),
                            config.ipv4PseudoHeader(),
                            source,
                            destination);
            network.transmit(
                    this, config.device(), new Datagram(source, destination, 255, message));
        }
    }

    @Override
    public void roleChanged(RouterGroup group, Role role, String reason) {
        changes++;
    }

    @Override
    public void report(VirtualRouter router, String state, String detail) {}

    @Override
    public void left(RouterGroup group, boolean taken) {}

    @Override
    public void hold(Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        held.addAll(addresses);
        announce(addresses, announcements);
    }

    @Override
    public void announce(Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        for (FloatingAddress address : addresses) {
            announceAgain(address, announcements, rounds.merge(address, 1, Integer::sum), true);
        }
    }

    private void announceAgain(
            FloatingAddress address, AnnouncementConfig announcements, int round, boolean first) {
        if (held.contains(address) && rounds.getOrDefault(address, 0) == round) {
            network.announce(this, address.device(), address.address());
            long wait = (first ? announcements.again() : announcements.refresh()).toNanos();
            network.at(
                    network.now() + wait,
                    () -> announceAgain(address, announcements, round, false));
        }
    }

    @Override
    public void release(Collection<FloatingAddress> addresses) {
        held.removeAll(addresses);
    }

    @Override
    public void close() {
        held.clear();
    }
}
