package io.weir.control.vrrp;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a configuration must keep to, whoever wrote it. */
final class InstanceRules {
    private static final int MAX_ROUTER_ID = 255;
    private static final int MAX_PRIORITY = 255;

    /** An Ethernet frame's payload less the largest IP header: VRRP is not to be fragmented. */
    private static final int MAX_MESSAGE_BYTES = 1500 - 60;

    private static final Duration MAX_INTERVAL_V2 = Duration.ofSeconds(255);
    private static final Duration MIN_INTERVAL_V3 = Duration.ofMillis(10);
    private static final Duration MAX_INTERVAL_V3 = Duration.ofMillis(40_950);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private InstanceRules() {}

    /** The first thing that cannot be, in one line that says where and what to do, or null. */
    static @Nullable String violation(
            List<VrrpInstanceConfig> instances, List<SyncGroupConfig> groups) {
        Map<String, String> names = new HashMap<>();
        Map<List<Object>, String> numbers = new HashMap<>();
        Map<List<Object>, String> floating = new HashMap<>();
        for (VrrpInstanceConfig instance : instances) {
            String where = "VRRP instance " + instance.name() + ": ";
            String problem = violation(instance);
            if (problem != null) {
                return where + problem;
            }
            if (names.put(instance.name(), "") != null) {
                return where + "the name is used twice; give each its own";
            }
            String other =
                    numbers.put(
                            List.of(instance.device(), instance.ipv6(), instance.routerId()),
                            instance.name());
            if (other != null) {
                return where
                        + ("virtual router id " + instance.routerId())
                        + (" is " + other + "'s on " + instance.device())
                        + "; give each its own";
            }
            for (FloatingAddress address : all(instance)) {
                other = floating.put(List.of(address.address(), address.device()), where);
                if (other != null) {
                    return where + address.address() + " is listed twice; list it once";
                }
            }
        }
        return violation(groups, names);
    }

    private static List<FloatingAddress> all(VrrpInstanceConfig instance) {
        return new VirtualRouter(instance).floating();
    }

    private static @Nullable String violation(VrrpInstanceConfig instance) {
        int version = instance.version();
        if (version != 2 && version != 3) {
            return "version " + version + " does not exist; use 2 or 3";
        }
        if (instance.ipv6() && version == 2) {
            return "version 2 has no IPv6; use version 3";
        }
        if (instance.routerId() < 1 || instance.routerId() > MAX_ROUTER_ID) {
            return "virtual router id " + instance.routerId() + " is not in 1 to 255";
        }
        if (instance.priority() < 1 || instance.priority() > MAX_PRIORITY) {
            return "priority " + instance.priority() + " is not in 1 to 255";
        }
        if (instance.addresses().isEmpty()) {
            return "it has no virtual address; give it one";
        }
        for (FloatingAddress address : instance.addresses()) {
            if (address.address().ipv6() != instance.ipv6()) {
                return address.address()
                        + " is of the other family; move it along unadvertised, or give it an"
                        + " instance of its own";
            }
        }
        int count = instance.addresses().size();
        if (count > MAX_ROUTER_ID
                || MessageFormat.messageBytes(version, instance.ipv6(), count)
                        > MAX_MESSAGE_BYTES) {
            return count + " addresses do not fit into one packet; advertise one of them alone";
        }
        String problem = violationOfInterval(instance);
        return problem != null ? problem : violationOfPeers(instance);
    }

    private static @Nullable String violationOfInterval(VrrpInstanceConfig instance) {
        Duration interval = instance.interval();
        if (instance.version() == 2) {
            boolean whole = interval.toNanos() % SECOND == 0 && interval.toSeconds() >= 1;
            return whole && interval.compareTo(MAX_INTERVAL_V2) <= 0
                    ? null
                    : "version 2 has intervals of 1 to 255 whole seconds; use version 3 for others";
        }
        boolean inside =
                interval.compareTo(MIN_INTERVAL_V3) >= 0
                        && interval.compareTo(MAX_INTERVAL_V3) <= 0
                        && interval.toNanos() % Advertisement.NANOS_PER_CENTISECOND == 0;
        return inside ? null : "version 3 has intervals of 10 ms to 40.95 s, in steps of 10 ms";
    }

    private static @Nullable String violationOfPeers(VrrpInstanceConfig instance) {
        for (IpAddress peer : instance.peers()) {
            if (peer.ipv6() != instance.ipv6()) {
                return "peer " + peer + " is of the other family";
            }
            if (peer.equals(instance.source())) {
                return "peer " + peer + " is this router itself; list the others";
            }
        }
        IpAddress source = instance.source();
        if (source != null && source.ipv6() != instance.ipv6()) {
            return "source address " + source + " is of the other family";
        }
        String password = instance.password();
        if (password == null) {
            return null;
        }
        if (instance.version() != 2) {
            return "version 3 has no password; leave it out";
        }
        return password.isEmpty() ? "its password is empty; leave it out instead" : null;
    }

    private static @Nullable String violation(
            List<SyncGroupConfig> groups, Map<String, String> instances) {
        Map<String, String> names = new HashMap<>();
        for (SyncGroupConfig group : groups) {
            String where = "VRRP sync group " + group.name() + ": ";
            if (names.put(group.name(), "") != null) {
                return where + "the name is used twice; give each its own";
            }
            if (group.instances().isEmpty()) {
                return where + "it has no instance; list them, or leave it out";
            }
            for (String instance : group.instances()) {
                String other = instances.get(instance);
                if (other == null) {
                    return where + "there is no instance " + instance;
                }
                if (!other.isEmpty()) {
                    return where + instance + " is in group " + other + " already";
                }
                instances.put(instance, group.name());
            }
        }
        return null;
    }
}
