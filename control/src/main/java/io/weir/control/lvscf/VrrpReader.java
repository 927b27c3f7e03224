package io.weir.control.lvscf;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.PairReader.Pair;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads vrrp and vrrp_sync_group blocks. */
final class VrrpReader {
    /** The addresses in an advertisement are counted in one byte (RFC 9568 §5.2.5). */
    private static final int MAX_ADDRESSES = 255;

    private static final int OWNER = 255;
    private static final int USUAL_PRIORITY = 100;
    private static final int MAX_PASSWORD = 8;
    private static final Duration MAX_INTERVAL_2 = Duration.ofSeconds(255);
    private static final Duration MAX_INTERVAL_3 = Duration.ofMillis(40_950);
    private static final Map<String, Boolean> STATES =
            Map.of("MASTER", true, "ACTIVE", true, "BACKUP", false);
    private static final Map<String, Boolean> CHECKSUMS =
            Map.of("pseudo_header", true, "message", false);

    private final Values values;
    private final FloatingReader addresses;
    private final Set<IpAddress> own;
    private final Pair pair;

    /**
     * Makes a reader.
     *
     * @param own the addresses of this host
     */
    VrrpReader(Values values, Set<IpAddress> own, Pair pair) {
        this.values = values;
        this.own = own;
        this.pair = pair;
        addresses = new FloatingReader(values);
    }

    /** Reads every vrrp block and gives the addresses of the plan to them. */
    List<VrrpInstanceConfig> instances(Section global, AddressPlan plan) {
        List<Section> blocks = global.blocks(BlockKind.VRRP);
        Map<String, Section> byName = new HashMap<>();
        for (Section block : blocks) {
            Section before = byName.putIfAbsent(block.name(), block);
            if (before != null) {
                block.fault(
                        "",
                        "there is a vrrp block "
                                + block.name()
                                + " in line "
                                + before.line()
                                + " already; give this one another name");
            }
        }
        Map<String, List<FloatingAddress>> moved = distribute(plan, blocks, byName);
        List<VrrpInstanceConfig> instances = new ArrayList<>();
        Map<String, Integer> routers = new HashMap<>();
        for (Section block : blocks) {
            VrrpInstanceConfig instance =
                    instance(block, moved.getOrDefault(block.name(), List.of()));
            instances.add(instance);
            String id = instance.device() + ' ' + instance.routerId() + ' ' + instance.ipv6();
            Integer before = routers.putIfAbsent(id, block.line());
            if (before != null) {
                block.fault(
                        "virtual_router_id",
                        "the vrrp block in line "
                                + before
                                + " has the same interface, family and virtual_router_id; give"
                                + " this one another");
            }
        }
        return instances;
    }

    private static Map<String, List<FloatingAddress>> distribute(
            AddressPlan plan, List<Section> blocks, Map<String, Section> byName) {
        Map<String, List<FloatingAddress>> moved = new HashMap<>();
        for (AddressPlan.Entry entry : plan.entries()) {
            String name = entry.instance();
            if (name == null && blocks.size() == 1) {
                name = blocks.getFirst().name();
            }
            if (name == null) {
                entry.section()
                        .fault(
                                entry.key(),
                                "there are several vrrp blocks; say with which one "
                                        + entry.address().address()
                                        + " moves: vrrp = NAME");
            } else if (byName.containsKey(name)) {
                moved.computeIfAbsent(name, any -> new ArrayList<>()).add(entry.address());
            } else {
                entry.section()
                        .fault(
                                "vrrp",
                                "there is no vrrp block "
                                        + name
                                        + Spelling.suggestion(name, byName.keySet()));
            }
        }
        return moved;
    }

    private VrrpInstanceConfig instance(Section block, List<FloatingAddress> moved) {
        String device = block.read("interface", "", Values::device);
        if (!block.has("interface")) {
            block.fault("", "vrrp " + block.name() + " needs interface = INTERFACE");
        }
        List<FloatingAddress> listed = listed(block, device);
        List<FloatingAddress> unlisted =
                new ArrayList<>(block.all("excluded_address", each -> placed(each, device)));
        List<FloatingAddress> all = listed.isEmpty() ? moved : listed;
        boolean ipv6 =
                block.read("ipv6", !all.isEmpty() && all.getFirst().address().ipv6(), Values::flag);
        List<FloatingAddress> told = new ArrayList<>();
        for (FloatingAddress address : all) {
            (address.address().ipv6() == ipv6 ? told : unlisted).add(address);
        }
        // What the block says itself counts, also of an address that a virtual block has.
        for (FloatingAddress address : moved) {
            if (!has(told, address.address()) && !has(unlisted, address.address())) {
                unlisted.add(address);
            }
        }
        checkAddresses(block, told, unlisted);
        int version = block.read("version", 3, Values.integer(2, 3));
        if (ipv6 && version == 2) {
            block.fault("version", "VRRP version 2 has no IPv6; write version = 3");
        }
        boolean backup = pair.isBackup(own);
        boolean active = block.read("state", false, Values.choice(STATES)) && !backup;
        boolean preempt = block.read("preempt", true, Values::flag);
        return new VrrpInstanceConfig(
                block.name(),
                device,
                routerId(block),
                version,
                ipv6,
                priority(block, backup),
                interval(block, version),
                preempt,
                block.read("preempt_delay", Duration.ZERO, Values.seconds(Duration.ZERO)),
                active,
                told,
                unlisted,
                source(block, ipv6),
                peers(block, ipv6),
                password(block, version),
                block.read("checksum", false, Values.choice(CHECKSUMS)),
                block.read("track_interface", List.of(), VrrpReader::devices),
                AnnouncementReader.read(block, AnnouncementConfig.DEFAULT));
    }

    private static boolean has(List<FloatingAddress> addresses, IpAddress wanted) {
        return addresses.stream().anyMatch(each -> each.address().equals(wanted));
    }

    private List<FloatingAddress> listed(Section block, String device) {
        List<FloatingAddress> listed = new ArrayList<>();
        for (String word : block.read("addresses", List.<String>of(), Assignment::values)) {
            FloatingAddress address =
                    block.find(
                            "addresses",
                            each -> {
                                List<String> one = List.of(word);
                                return placed(
                                        new Assignment(each.line(), "", each.key(), one), device);
                            });
            if (address != null) {
                listed.add(address);
            }
        }
        listed.addAll(block.all("address", each -> placed(each, device)));
        return listed;
    }

    private FloatingAddress placed(Assignment assignment, String device) throws LvsCfFault {
        FloatingReader.Placed placed = addresses.placed(assignment);
        FloatingAddress floating = placed.floating(placed.whole());
        return floating == null
                ? new FloatingAddress(
                        placed.address(),
                        placed.length() < 0 ? placed.whole() : placed.length(),
                        device,
                        null)
                : floating;
    }

    private static void checkAddresses(
            Section block, List<FloatingAddress> told, List<FloatingAddress> unlisted) {
        if (told.isEmpty()) {
            block.fault(
                    "",
                    "vrrp "
                            + block.name()
                            + " has no address; write addresses = ADDRESS/LENGTH, or an address"
                            + " with an interface in a virtual block");
        } else if (told.size() > MAX_ADDRESSES) {
            block.fault(
                    "",
                    "an advertisement lists "
                            + MAX_ADDRESSES
                            + " addresses at most, not "
                            + told.size()
                            + "; make the others excluded_address");
        }
        Set<IpAddress> seen = new HashSet<>();
        List<FloatingAddress> all = new ArrayList<>(told);
        all.addAll(unlisted);
        for (FloatingAddress address : all) {
            if (!seen.add(address.address())) {
                block.fault(
                        "",
                        address.address()
                                + " is in vrrp "
                                + block.name()
                                + " more than once; take one out");
            }
        }
    }

    private static int routerId(Section block) {
        if (!block.has("virtual_router_id")) {
            block.fault("", "vrrp " + block.name() + " needs virtual_router_id = 1 to 255");
        }
        return block.read("virtual_router_id", 1, Values.integer(1, 255));
    }

    private static int priority(Section block, boolean backup) {
        int first = block.read("priority", USUAL_PRIORITY, Values.integer(1, OWNER));
        int second = block.read("backup_priority", first, Values.integer(1, OWNER));
        return backup ? second : first;
    }

    private static Duration interval(Section block, int version) {
        Duration interval =
                block.read(
                        "advert_int", Duration.ofSeconds(1), Values.seconds(Duration.ofMillis(10)));
        if (version == 2) {
            if (interval.toMillis() % 1000 != 0 || interval.compareTo(MAX_INTERVAL_2) > 0) {
                block.fault("advert_int", "VRRP version 2 has whole seconds, 1 to 255");
            }
        } else if (interval.toMillis() % 10 != 0 || interval.compareTo(MAX_INTERVAL_3) > 0) {
            block.fault("advert_int", "VRRP version 3 has hundredths of a second, 0.01 to 40.95");
        }
        return interval;
    }

    private @Nullable IpAddress source(Section block, boolean ipv6) {
        IpAddress source = block.find("source", values::host);
        if (source != null && source.ipv6() != ipv6) {
            block.fault("source", "source is not of the family of the addresses");
        }
        return source;
    }

    // Both routers have the same file, so the list may hold this one too.
    private List<IpAddress> peers(Section block, boolean ipv6) {
        List<IpAddress> peers = new ArrayList<>();
        for (IpAddress peer : block.read("peers", List.<IpAddress>of(), values::hosts)) {
            if (peer.ipv6() != ipv6) {
                block.fault("peers", peer + " is not of the family of the addresses");
            } else if (!own.contains(peer)) {
                peers.add(peer);
            }
        }
        return peers;
    }

    private static @Nullable String password(Section block, int version) {
        String password = block.find("password", Values::word);
        if (password == null) {
            return null;
        }
        if (version != 2) {
            block.fault("password", "VRRP version 3 has no password; take it out");
        } else if (password.length() > MAX_PASSWORD || !password.chars().allMatch(c -> c < 128)) {
            block.fault("password", "a password has up to 8 ASCII characters");
        }
        return password;
    }

    private static List<String> devices(Assignment assignment) throws LvsCfFault {
        List<String> devices = new ArrayList<>();
        for (String word : assignment.values()) {
            devices.add(Values.device(word));
        }
        return devices;
    }

    /** Reads every vrrp_sync_group block. */
    static List<SyncGroupConfig> groups(Section global, List<VrrpInstanceConfig> instances) {
        Set<String> known = new HashSet<>();
        instances.forEach(instance -> known.add(instance.name()));
        Map<String, String> taken = new HashMap<>();
        List<SyncGroupConfig> groups = new ArrayList<>();
        for (Section block : global.blocks(BlockKind.SYNC_GROUP)) {
            List<String> names = block.read("group", List.<String>of(), Assignment::values);
            if (names.isEmpty()) {
                block.fault("", "a vrrp_sync_group needs group = the names of vrrp blocks");
            }
            for (String name : names) {
                String before = taken.putIfAbsent(name, block.name());
                if (!known.contains(name)) {
                    block.fault(
                            "group",
                            "there is no vrrp block " + name + Spelling.suggestion(name, known));
                } else if (before != null) {
                    block.fault("group", name + " is in the group " + before + " already");
                }
            }
            groups.add(new SyncGroupConfig(block.name(), names));
        }
        return groups;
    }
}
