package io.weir.control.vrrp;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Role;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Writes down what a state machine wants done, one line each, and which addresses are on. */
final class RecordedActions implements RouterActions, AddressHolder {
    private final List<String> lines = new ArrayList<>();
    private final Set<String> held = new TreeSet<>();

    /** The lines since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    Set<String> held() {
        return held;
    }

    @Override
    public void advertise(VirtualRouter router, int priority) {
        lines.add(router.name() + " advertises " + priority);
    }

    @Override
    public void roleChanged(RouterGroup group, Role role, String reason) {
        lines.add(group.name() + " " + role.name().toLowerCase(Locale.ROOT) + ": " + reason);
    }

    @Override
    public void report(VirtualRouter router, String state, String detail) {
        lines.add(router.name() + " " + state + ": " + detail);
    }

    @Override
    public void left(RouterGroup group, boolean taken) {
        lines.add(group.name() + (taken ? " was taken" : " was not taken"));
    }

    private static String text(Collection<FloatingAddress> addresses) {
        TreeSet<String> all = new TreeSet<>();
        addresses.forEach(address -> all.add(address.address().toString()));
        return String.join(" ", all);
    }

    @Override
    public void hold(Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        lines.add("hold " + text(addresses));
        addresses.forEach(address -> held.add(address.address().toString()));
    }

    @Override
    public void announce(Collection<FloatingAddress> addresses, AnnouncementConfig announcements) {
        lines.add("announce " + text(addresses));
    }

    @Override
    public void release(Collection<FloatingAddress> addresses) {
        lines.add("release " + text(addresses));
        addresses.forEach(address -> held.remove(address.address().toString()));
    }

    @Override
    public void close() {
        held.clear();
    }
}
