package io.weir.control.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.event.Event;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.netlink.HostAddress;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

class HeldAddressesTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final FloatingAddress VIP = floating("192.0.2.1", "eth0");
    private static final FloatingAddress ROUTER = floating("10.0.0.1", "eth1");
    private static final AnnouncementConfig ONCE =
            new AnnouncementConfig(1, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    private final FakeInterfaces kernel = new FakeInterfaces();
    private final List<String> events = new ArrayList<>();
    private final List<List<String>> guarded = new ArrayList<>();
    private final HeldAddresses held =
            new HeldAddresses(kernel, this::note, InstantSource.system(), guarded::add);
    private long now;

    /** A kernel whose addresses live until a time. */
    private final class FakeInterfaces implements Interfaces {
        private final Map<String, Link> links = new HashMap<>();
        private final Map<HostAddress, Long> addresses = new LinkedHashMap<>();
        private final Set<HostAddress> foreign = new HashSet<>();
        private final List<String> announced = new ArrayList<>();
        private boolean refuses;

        FakeInterfaces() {
            links.put("eth0", new Link(2, "eth0", 0x22, 1500, true, true));
            links.put("eth1", new Link(3, "eth1", 0x33, 1500, true, true));
        }

        boolean has(FloatingAddress floating) {
            return addresses.entrySet().stream()
                    .anyMatch(
                            entry ->
                                    entry.getKey().address().equals(floating.address())
                                            && entry.getValue() > now);
        }

        @Override
        public @Nullable Link link(String name) {
            return links.get(name);
        }

        @Override
        public boolean add(HostAddress address, int lifetimeSeconds) throws IOException {
            refuse();
            if (foreign.contains(address) || addresses.getOrDefault(address, 0L) > now) {
                return false;
            }
            renew(address, lifetimeSeconds);
            return true;
        }

        @Override
        public void renew(HostAddress address, int lifetimeSeconds) throws IOException {
            refuse();
            addresses.put(address, now + TimeUnit.SECONDS.toNanos(lifetimeSeconds));
        }

        private void refuse() throws IOException {
            if (refuses) {
                throw new IOException("the kernel does not like it");
            }
        }

        @Override
        public void remove(HostAddress address) throws IOException {
            refuse();
            addresses.remove(address);
        }

        @Override
        public List<HostAddress> marked() {
            return addresses.keySet().stream().filter(a -> addresses.get(a) > now).toList();
        }

        @Override
        public void announce(Link link, List<IpAddress> toAnnounce) {
            toAnnounce.forEach(address -> announced.add(link.name() + " " + address));
        }
    }

    private static FloatingAddress floating(String address, String device) {
        return new FloatingAddress(IpAddress.parse(address), 24, device, device + ":1");
    }

    private static HostAddress host(FloatingAddress floating, int index) {
        return new HostAddress(
                index, floating.address(), floating.prefixLength(), floating.label());
    }

    private void note(Event event) {
        assertThat(event.kind()).isEqualTo(Event.Kind.ADDRESS);
        if (!event.subject().isEmpty()) {
            events.add(event.subject().getFirst() + " " + event.state());
        }
    }

    /** Lets time pass as the holder's thread would. */
    private void pass(long millis) {
        long end = now + millis * MILLI;
        while (now < end) {
            long wait = held.waitNanos(now);
            now = wait < 0 ? end : Math.min(end, now + Math.max(MILLI, wait));
            held.work(now);
        }
    }

    @Test
    void addressesAreOnAndAnnouncedAtOnceAndOffAtOnce() {
        held.hold(List.of(VIP, ROUTER), ONCE, now);
        assertThat(kernel.has(VIP)).isTrue();
        assertThat(kernel.has(ROUTER)).isTrue();
        assertThat(kernel.announced).containsExactly("eth0 192.0.2.1", "eth1 10.0.0.1");
        assertThat(guarded.getLast()).containsExactly("192.0.2.1/24@eth0", "10.0.0.1/24@eth1");
        held.release(List.of(VIP), now);
        assertThat(kernel.has(VIP)).isFalse();
        assertThat(kernel.has(ROUTER)).isTrue();
        assertThat(guarded.getLast()).containsExactly("10.0.0.1/24@eth1");
        held.releaseAll(now);
        assertThat(guarded.getLast()).isEmpty();
        assertThat(kernel.addresses).isEmpty();
        assertThat(held.waitNanos(now)).isEqualTo(-1);
        assertThat(events)
                .containsExactly("192.0.2.1 on", "10.0.0.1 on", "192.0.2.1 off", "10.0.0.1 off");
    }

    @Test
    void leaseIsRenewedForAsLongAsTheProcessRuns() {
        held.hold(List.of(VIP), ONCE, now);
        for (int i = 0; i < 300; i++) {
            pass(100);
            assertThat(kernel.has(VIP)).isTrue();
        }
        assertThat(kernel.announced).hasSize(1);
        now += TimeUnit.SECONDS.toNanos(HeldAddresses.LEASE_SECONDS); // killed
        assertThat(kernel.has(VIP)).isFalse();
    }

    @Test
    void sleeperLeavesTimeToHearOfThePartner() {
        held.hold(List.of(VIP, ROUTER), ONCE, now);
        now += TimeUnit.SECONDS.toNanos(20);
        held.work(now);
        assertThat(kernel.has(VIP)).isFalse();
        pass(500);
        assertThat(kernel.has(VIP)).isFalse();
        held.release(List.of(ROUTER), now);
        pass(600);
        assertThat(kernel.has(VIP)).as("taken back, as nobody objected").isTrue();
        assertThat(kernel.has(ROUTER)).isFalse();
        assertThat(kernel.announced).endsWith("eth0 192.0.2.1").hasSize(3);
        assertThat(events).contains("192.0.2.1 lapsed");
    }

    @Test
    void hostsOwnAddressStaysTheHosts() {
        kernel.foreign.add(host(VIP, 2));
        held.hold(List.of(VIP), ONCE, now);
        pass(5000);
        assertThat(kernel.announced).containsExactly("eth0 192.0.2.1");
        held.releaseAll(now);
        assertThat(kernel.foreign).containsExactly(host(VIP, 2));
        assertThat(events).containsExactly("192.0.2.1 on");
        kernel.foreign.clear();
        held.hold(List.of(VIP), ONCE, now);
        assertThat(kernel.has(VIP)).as("no longer the host's").isTrue();
    }

    @Test
    void leftoversOfAPredecessorGo() throws IOException {
        kernel.addresses.put(host(VIP, 2), now + TimeUnit.DAYS.toNanos(1));
        kernel.foreign.add(host(ROUTER, 3));
        held.removeLeftovers();
        assertThat(kernel.addresses).isEmpty();
        assertThat(kernel.foreign).hasSize(1);
    }

    @Test
    void missingInterfaceIsTriedAgain() {
        Link link = kernel.links.remove("eth0");
        held.hold(List.of(VIP), ONCE, now);
        pass(5000);
        assertThat(events).containsExactly("192.0.2.1 missing");
        assertThat(kernel.announced).isEmpty();
        kernel.links.put("eth0", link);
        held.interfacesChanged(now);
        assertThat(kernel.has(VIP)).isTrue();
        assertThat(events).containsExactly("192.0.2.1 missing", "192.0.2.1 on");
        assertThat(kernel.announced).hasSize(1);
    }

    @Test
    void interfaceMadeAnewGetsItsAddressAgain() {
        held.hold(List.of(VIP), ONCE, now);
        kernel.links.put("eth0", new Link(9, "eth0", 0x99, 1500, true, true));
        kernel.addresses.clear();
        held.interfacesChanged(now);
        assertThat(kernel.addresses).containsOnlyKeys(host(VIP, 9));
    }

    @Test
    void linkThatComesUpIsToldAgain() {
        held.hold(List.of(VIP), ONCE, now);
        kernel.links.put("eth0", new Link(2, "eth0", 0x22, 1500, false, true));
        held.interfacesChanged(now);
        pass(3000);
        assertThat(kernel.announced).hasSize(1);
        kernel.links.put("eth0", new Link(2, "eth0", 0x22, 1500, true, true));
        held.interfacesChanged(now);
        assertThat(kernel.announced).hasSize(2);
    }

    @Test
    void refusalIsToldOnceAndTriedAgain() {
        kernel.refuses = true;
        held.hold(List.of(VIP), ONCE, now);
        pass(10_000);
        assertThat(events).containsExactly("192.0.2.1 refused");
        kernel.refuses = false;
        pass(1100);
        assertThat(kernel.has(VIP)).isTrue();
    }

    @Test
    void addressThatSomebodyTookOffComesBack() {
        held.hold(List.of(VIP), ONCE, now);
        kernel.addresses.clear();
        pass(600);
        assertThat(kernel.has(VIP)).isTrue();
    }

    @Test
    void announcementIsForThoseHeldOnly() {
        held.hold(List.of(VIP), ONCE, now);
        held.announce(List.of(VIP, ROUTER), ONCE, now);
        assertThat(kernel.announced).containsExactly("eth0 192.0.2.1", "eth0 192.0.2.1");
    }
}
