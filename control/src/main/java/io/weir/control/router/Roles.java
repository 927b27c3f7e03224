package io.weir.control.router;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.control.failover.RoleListener;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * This router's roles: by heartbeat, by VRRP, or, without a partner, active from the start. Owned
 * by the router's thread.
 */
final class Roles implements AutoCloseable {
    /** The instance of a router that has no partner. */
    static final String SINGLE = "single";

    /** The instance of a heartbeat. */
    private static final String PAIR = "pair";

    private final RouterParts parts;
    private final RoleListener listener;
    private final EventSink events;
    private final Map<String, Role> roles = new LinkedHashMap<>();
    private @Nullable AddressHolder addresses;
    private @Nullable Failover heartbeat;
    private @Nullable Failover vrrp;
    private List<FloatingAddress> held = List.of();
    private boolean maintenance;

    /**
     * Makes a router without roles.
     *
     * @param listener hears of changes of role on the failover's threads
     */
    Roles(RouterParts parts, RoleListener listener, EventSink events) {
        this.parts = parts;
        this.listener = listener;
        this.events = events;
    }

    /** Opens a protocol. */
    @FunctionalInterface
    private interface Opening {
        Failover open(AddressHolder addresses, RoleListener roles, EventSink events)
                throws IOException;
    }

    static boolean paired(Configuration configuration) {
        HeartbeatConfig pair = configuration.heartbeat();
        return pair != null && pair.backup() != null;
    }

    private static boolean single(Configuration configuration) {
        return !paired(configuration) && configuration.vrrp().isEmpty();
    }

    /**
     * Takes part by another configuration.
     *
     * @param before the one of before, which is in force again if this fails
     * @throws IOException if the machine refuses what is needed; one line for the operator
     */
    void configure(Configuration before, Configuration configuration) throws IOException {
        try {
            protocols(configuration);
        } catch (IOException e) {
            restore(before, e);
            throw e;
        }
        if (!paired(configuration)) {
            close(heartbeat);
            heartbeat = null;
            roles.remove(PAIR);
        }
        if (configuration.vrrp().isEmpty()) {
            close(vrrp);
            vrrp = null;
            roles.keySet().retainAll(List.of(PAIR, SINGLE));
        }
        if (single(configuration)) {
            hold(configuration.heartbeat());
        } else {
            hold(null);
        }
        if (single(configuration) && roles.put(SINGLE, Role.ACTIVE) == null) {
            listener.roleChanged(SINGLE, Role.ACTIVE, "there is no partner");
        } else if (!single(configuration)) {
            roles.remove(SINGLE);
        }
    }

    private void protocols(Configuration configuration) throws IOException {
        if (paired(configuration)) {
            heartbeat = configured(heartbeat, parts::openHeartbeat, configuration);
        }
        if (!configuration.vrrp().isEmpty()) {
            vrrp = configured(vrrp, parts::openVrrp, configuration);
        }
        HeartbeatConfig alone = configuration.heartbeat();
        if (single(configuration) && alone != null && !alone.addresses().isEmpty()) {
            addresses();
        }
    }

    private Failover configured(
            @Nullable Failover open, Opening opening, Configuration configuration)
            throws IOException {
        if (open != null) {
            open.configure(configuration);
            return open;
        }
        Failover opened = opening.open(addresses(), listener, events);
        try {
            opened.configure(configuration);
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
        if (maintenance) {
            opened.setMaintenance(true);
        }
        return opened;
    }

    private void restore(Configuration before, IOException reason) {
        try {
            if (heartbeat != null && paired(before)) {
                heartbeat.configure(before);
            } else {
                close(heartbeat);
                heartbeat = null;
            }
            if (vrrp != null && !before.vrrp().isEmpty()) {
                vrrp.configure(before);
            } else {
                close(vrrp);
                vrrp = null;
            }
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private AddressHolder addresses() throws IOException {
        AddressHolder holder = addresses;
        if (holder == null) {
            holder = parts.openAddresses(events);
            addresses = holder;
        }
        return holder;
    }

    // What a router without a partner has.
    private void hold(@Nullable HeartbeatConfig alone) {
        List<FloatingAddress> wanted = alone == null ? List.of() : alone.addresses();
        List<FloatingAddress> gone = new ArrayList<>(held);
        gone.removeAll(wanted);
        List<FloatingAddress> more = new ArrayList<>(wanted);
        more.removeAll(held);
        held = List.copyOf(wanted);
        AddressHolder holder = addresses;
        if (holder != null && !gone.isEmpty()) {
            holder.release(gone);
        }
        if (holder != null && !more.isEmpty()) {
            AnnouncementConfig how =
                    alone == null ? AnnouncementConfig.DEFAULT : alone.announcements();
            holder.hold(more, how);
        }
    }

    private static void close(@Nullable Failover protocol) {
        if (protocol != null) {
            protocol.close();
        }
    }

    /** Takes note of a change of role, unless what had the role has ended meanwhile. */
    void changed(String instance, Role role) {
        // A virtual router may have any name, that of the heartbeat too.
        boolean lives =
                instance.equals(SINGLE) ? roles.containsKey(SINGLE) : !protocols().isEmpty();
        if (lives) {
            roles.put(instance, role);
        }
    }

    /** Whether this router is active: in one instance, or in any if none is named. */
    boolean active(@Nullable String instance) {
        return instance == null
                ? roles.containsValue(Role.ACTIVE)
                : roles.get(instance) == Role.ACTIVE;
    }

    /** The role of all instances together. */
    Role role() {
        if (roles.containsValue(Role.ACTIVE)) {
            return Role.ACTIVE;
        }
        return !roles.isEmpty() && roles.values().stream().allMatch(role -> role == Role.FAULT)
                ? Role.FAULT
                : Role.STANDBY;
    }

    boolean maintenance() {
        return maintenance;
    }

    /** The state of each instance. */
    List<Failover.Status> status() {
        List<Failover.Status> all = new ArrayList<>();
        for (Failover protocol : protocols()) {
            all.addAll(protocol.status());
        }
        if (roles.containsKey(SINGLE)) {
            all.add(Failover.Status.alone(SINGLE));
        }
        return all;
    }

    private List<Failover> protocols() {
        List<Failover> open = new ArrayList<>();
        if (heartbeat != null) {
            open.add(heartbeat);
        }
        if (vrrp != null) {
            open.add(vrrp);
        }
        return open;
    }

    /** Gives the active role to the partner. */
    void handOver() throws RouterRefusal {
        refuseAlone();
        if (role() != Role.ACTIVE) {
            throw new RouterRefusal(
                    "this router is not active; run weir failover on the active one");
        }
        boolean taken = false;
        for (Failover protocol : protocols()) {
            taken |= protocol.handOver();
        }
        if (!taken) {
            throw new RouterRefusal(
                    "there is no partner to take over; weir status shows what is heard");
        }
    }

    /** Keeps the active role away from this router, or ends that. */
    void setMaintenance(boolean on) throws RouterRefusal {
        refuseAlone();
        maintenance = on;
        protocols().forEach(protocol -> protocol.setMaintenance(on));
    }

    private void refuseAlone() throws RouterRefusal {
        if (protocols().isEmpty()) {
            throw new RouterRefusal(
                    "this router has no partner: its configuration names neither a backup nor"
                            + " VRRP");
        }
    }

    /** Gives the roles away and takes the addresses off. */
    @Override
    public void close() {
        protocols().forEach(Failover::close);
        AddressHolder holder = addresses;
        if (holder != null) {
            holder.close();
        }
    }
}
