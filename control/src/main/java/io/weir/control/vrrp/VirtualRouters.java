package io.weir.control.vrrp;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Role;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All virtual routers of which this router is a part: finds whom a packet is for, and keeps what
 * two configurations have in common.
 *
 * <p>Pure: it is told the time and what arrived, and never looks at a clock. Owned by one thread;
 * times as in {@link VirtualRouter}. Whoever drives it gives it everything that has arrived before
 * it calls {@link #expire}; so a router that was stopped for a while learns who has taken over
 * before it does anything.
 */
final class VirtualRouters {
    private final RouterActions actions;
    private final AddressHolder addresses;
    private Map<Key, VirtualRouter> routers = new LinkedHashMap<>();
    private List<RouterGroup> groups = new ArrayList<>();
    private Map<VirtualRouter, RouterGroup> groupOf = new HashMap<>();
    private boolean maintenance;
    private long unclaimed;

    /** By what a packet finds its virtual router. */
    private record Key(String device, boolean ipv6, int routerId) {
        static Key of(VrrpInstanceConfig config) {
            return new Key(config.device(), config.ipv6(), config.routerId());
        }
    }

    VirtualRouters(RouterActions actions, AddressHolder addresses) {
        this.actions = actions;
        this.addresses = addresses;
    }

    Collection<VirtualRouter> routers() {
        return routers.values();
    }

    List<RouterGroup> groups() {
        return groups;
    }

    /** The group that a virtual router moves with. */
    RouterGroup groupOf(VirtualRouter router) {
        RouterGroup group = groupOf.get(router);
        if (group == null) {
            throw new IllegalArgumentException(router.name() + " is in no group");
        }
        return group;
    }

    /** Packets that were for no virtual router of this one's. */
    long unclaimed() {
        return unclaimed;
    }

    /**
     * Takes another configuration, which {@link InstanceRules} has nothing against. A virtual
     * router of the same name, number, interface and version goes on as it was; a new one waits
     * until it is told that it is without {@link VirtualRouter#setFault fault}.
     */
    void configure(List<VrrpInstanceConfig> instances, List<SyncGroupConfig> sync, long now) {
        Map<Key, VirtualRouter> kept = new LinkedHashMap<>();
        for (VrrpInstanceConfig config : instances) {
            VirtualRouter old = routers.get(Key.of(config));
            boolean same =
                    old != null
                            && old.name().equals(config.name())
                            && old.config().version() == config.version();
            kept.put(Key.of(config), same ? old : new VirtualRouter(config));
        }
        Set<VirtualRouter> staying = new HashSet<>(kept.values());
        leaveRemoved(staying);
        Map<VirtualRouter, List<FloatingAddress>> added = new LinkedHashMap<>();
        for (VrrpInstanceConfig config : instances) {
            VirtualRouter router = kept.get(Key.of(config));
            if (router != null && !router.config().equals(config)) {
                added.put(router, reconfigure(router, config, now));
            }
        }
        routers = kept;
        regroup(sync, now);
        // Only now: an address may have moved from one virtual router to another.
        added.forEach((router, come) -> groupOf(router).added(router, come));
    }

    private void leaveRemoved(Set<VirtualRouter> staying) {
        for (RouterGroup group : groups) {
            if (!group.hasAddresses()) {
                continue;
            }
            for (VirtualRouter router : group.members()) {
                if (!staying.contains(router)) {
                    actions.advertise(router, Advertisement.LEAVING);
                    addresses.release(router.floating());
                }
            }
        }
    }

    private List<FloatingAddress> reconfigure(
            VirtualRouter router, VrrpInstanceConfig config, long now) {
        Set<FloatingAddress> before = new HashSet<>(router.floating());
        boolean timers = router.reconfigure(config);
        Set<FloatingAddress> gone = new HashSet<>(before);
        router.floating().forEach(gone::remove);
        groupOf(router).changed(router, gone, timers, now);
        List<FloatingAddress> come = new ArrayList<>(router.floating());
        come.removeAll(before);
        return come;
    }

    private void regroup(List<SyncGroupConfig> sync, long now) {
        Map<String, VirtualRouter> alone = new LinkedHashMap<>();
        routers.values().forEach(router -> alone.put(router.name(), router));
        List<RouterGroup> regrouped = new ArrayList<>();
        for (SyncGroupConfig group : sync) {
            List<VirtualRouter> members = new ArrayList<>();
            for (String name : group.instances()) {
                VirtualRouter member = alone.remove(name);
                if (member != null) {
                    members.add(member);
                }
            }
            regrouped.add(group(group.name(), members, now));
        }
        alone.forEach((name, router) -> regrouped.add(group(name, List.of(router), now)));
        groups.forEach(group -> dissolve(group, regrouped));
        groups = regrouped;
        groupOf = new HashMap<>();
        for (RouterGroup group : groups) {
            group.members().forEach(router -> groupOf.put(router, group));
        }
        if (maintenance) {
            groups.forEach(group -> group.setMaintenance(true, now));
        }
    }

    private void dissolve(RouterGroup group, List<RouterGroup> regrouped) {
        if (regrouped.contains(group)) {
            return;
        }
        if (group.state() == GroupState.LEAVING) {
            actions.left(group, false);
        }
        if (regrouped.stream().noneMatch(other -> other.name().equals(group.name()))) {
            actions.roleChanged(group, Role.FAULT, "not configured any more");
        }
    }

    // The group as it is, or a new one.
    private RouterGroup group(String name, List<VirtualRouter> members, long now) {
        for (RouterGroup group : groups) {
            if (group.name().equals(name) && group.members().equals(members)) {
                return group;
            }
        }
        RouterGroup made = new RouterGroup(name, members, actions, addresses);
        List<VirtualRouter> joining = new ArrayList<>();
        List<VirtualRouter> holding = new ArrayList<>();
        boolean allActive = true;
        for (VirtualRouter member : members) {
            RouterGroup before = groupOf.get(member);
            if (before == null) {
                joining.add(member);
            } else {
                allActive &= before.state() == GroupState.ACTIVE;
                if (before.hasAddresses()) {
                    holding.add(member);
                }
            }
        }
        // Active if all of the members were that were anything; if not, they begin anew.
        if (!holding.isEmpty() && allActive) {
            joining.forEach(member -> member.setFault(null));
            made.adoptActive(joining, now);
        } else {
            for (VirtualRouter member : holding) {
                actions.advertise(member, Advertisement.LEAVING);
                addresses.release(member.floating());
                member.fallSilent();
            }
        }
        return made;
    }

    /** Faults have begun or ended. */
    void reconsider(long now) {
        groups.forEach(group -> group.reconsider(now));
    }

    /** A packet has arrived on an interface. */
    void receive(String device, Datagram datagram, long now) {
        int number = AdvertisementReader.routerId(datagram);
        VirtualRouter router = routers.get(new Key(device, datagram.source().ipv6(), number));
        if (router == null) {
            unclaimed++;
            return;
        }
        Refusal refused = router.reader().refusal(datagram, router.source());
        if (refused != null) {
            refuse(router, datagram, refused);
            return;
        }
        Advertisement heard = router.reader().read(datagram);
        if (router.isStranger(heard)) {
            refuse(router, datagram, Refusal.STRANGER);
            return;
        }
        router.counts().countReceived();
        if (router.isMismatchNews(heard)) {
            actions.report(
                    router,
                    "mismatch",
                    datagram.source() + " advertises other addresses: " + heard.addresses());
        }
        if (router.meet(datagram.source(), now)) {
            actions.report(router, "heard", datagram.source() + " is heard");
        }
        groupOf(router).receive(router, heard, datagram.source(), now);
    }

    // A stranger must not fill logs: the first of each kind, the tenth, the hundredth are told.
    private void refuse(VirtualRouter router, Datagram datagram, Refusal refused) {
        long count = router.counts().count(refused);
        if (isPowerOfTen(count)) {
            actions.report(
                    router,
                    refused == Refusal.STRANGER ? "stranger" : "refused",
                    "packet from "
                            + datagram.source()
                            + " refused: "
                            + refused.explanation()
                            + (count == 1 ? "" : " (" + count + " so far)"));
        }
    }

    private static boolean isPowerOfTen(long count) {
        long rest = count;
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }

    /** Does what is due. */
    void expire(long now) {
        groups.forEach(group -> group.expire(now));
    }

    /** When {@link #expire} has something to do; {@link VirtualRouter#NEVER} for never. */
    long deadline() {
        long first = VirtualRouter.NEVER;
        for (RouterGroup group : groups) {
            first = Math.min(first, group.deadline());
        }
        return first;
    }

    /** Begins or ends maintenance of all. */
    void setMaintenance(boolean on, long now) {
        maintenance = on;
        groups.forEach(group -> group.setMaintenance(on, now));
    }
}
