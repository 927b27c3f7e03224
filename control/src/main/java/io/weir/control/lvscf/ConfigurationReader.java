package io.weir.control.lvscf;

import io.weir.control.config.Configuration;
import io.weir.control.config.ConnectionSyncConfig;
import io.weir.control.config.HeartbeatConfig;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.config.ScriptConfig;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Timeouts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a configuration of a document. */
final class ConfigurationReader {
    private static final Map<String, Boolean> SERVICES = Map.of("lvs", true, "fos", false);
    private static final Map<String, String> SHELLS = Map.of("rsh", "rsh", "ssh", "ssh");

    /** The longest message that fits with its IPv4 and UDP header into a datagram, less 8. */
    private static final int MAX_SYNC_MESSAGE = 65535 - 20 - 8;

    private final Section global;
    private final Values values;
    private final Surroundings surroundings;
    private final FloatingReader addresses;

    ConfigurationReader(LvsCfDocument document, Faults faults, Surroundings surroundings) {
        this.surroundings = surroundings;
        global = Section.global(document, faults);
        values = new Values(surroundings.names());
        addresses = new FloatingReader(values);
    }

    Configuration read() {
        boolean lvs = global.read("service", true, Values.choice(SERVICES));
        AddressPlan plan = new AddressPlan();
        natRouter(plan);
        for (var address : global.all("floating_address", addresses::floating)) {
            plan.add(new AddressPlan.Entry(address, defaultInstance(), global, "floating_address"));
        }
        CheckReader checks = new CheckReader(values);
        String shell = global.read("rsh_command", "rsh", Values.choice(SHELLS));
        LoadReader load = new LoadReader(values, shell);
        // Blocks of the kind that is not used are read all the same, for their mistakes.
        AddressPlan unused = new AddressPlan();
        List<VirtualBlock> blocks =
                virtualBlocks(new ServerReader(values, checks, load), lvs ? plan : unused);
        List<LocalServiceConfig> local = failoverBlocks(checks, lvs ? unused : plan);
        explainService(lvs, blocks, local);
        ServiceMerger merger = new ServiceMerger();
        if (lvs) {
            blocks.forEach(merger::add);
        }
        RuleKeys rules = new RuleKeys(global, surroundings);
        PairReader pair = new PairReader(global, values);
        HeartbeatConfig heartbeat = pair.heartbeat(plan);
        VrrpReader vrrp = new VrrpReader(values, surroundings.addresses(), pair.pair());
        boolean anyVrrp = !global.blocks(BlockKind.VRRP).isEmpty();
        List<VrrpInstanceConfig> instances = anyVrrp ? vrrp.instances(global, plan) : List.of();
        List<SyncGroupConfig> groups = VrrpReader.groups(global, instances);
        explainAddresses(plan, anyVrrp, heartbeat);
        return new Configuration(
                global.read("serial_no", 0, Values.integer(0, Integer.MAX_VALUE)),
                timeouts(),
                merger.services(),
                lvs ? List.of() : local,
                rules.marks(lvs ? blockRules(blocks) : List.of()),
                rules.masquerade(),
                anyVrrp ? null : heartbeat,
                instances,
                groups,
                connectionSync(instances),
                new PushReader(global, values).read(pair.pair(), surroundings.addresses()),
                scripts());
    }

    private @Nullable String defaultInstance() {
        return global.find("vrrp", Values::word);
    }

    private void natRouter(AddressPlan plan) {
        if (!global.has("nat_router")) {
            return;
        }
        if (ServerReader.network(global) != ForwardingMethod.MASQUERADE) {
            global.note("nat_router", "nat_router has no effect without network = nat");
            global.find("nat_router", addresses::placed);
            return;
        }
        var address = addresses.read(global, "nat_router", "nat_nmask");
        if (address == null) {
            if (global.find("nat_router", addresses::placed) != null) {
                global.fault("nat_router", "nat_router needs an interface, as 10.0.0.1 eth1:1");
            }
            return;
        }
        plan.add(new AddressPlan.Entry(address, defaultInstance(), global, "nat_router"));
    }

    private List<VirtualBlock> virtualBlocks(ServerReader servers, AddressPlan plan) {
        VirtualReader reader = new VirtualReader(values, servers);
        List<VirtualBlock> blocks = new ArrayList<>();
        for (Section section : global.blocks(BlockKind.VIRTUAL)) {
            VirtualBlock block = reader.read(section);
            if (block == null) {
                continue;
            }
            blocks.add(block);
            if (block.floating() != null) {
                plan.add(
                        new AddressPlan.Entry(
                                block.floating(), block.instance(), section, "address"));
            }
        }
        return blocks;
    }

    private List<LocalServiceConfig> failoverBlocks(CheckReader checks, AddressPlan plan) {
        FailoverReader reader = new FailoverReader(values, checks);
        List<LocalServiceConfig> services = new ArrayList<>();
        for (Section section : global.blocks(BlockKind.FAILOVER)) {
            LocalServiceConfig service = reader.read(section, plan);
            if (service != null) {
                services.add(service);
            }
        }
        return services;
    }

    private void explainService(
            boolean lvs, List<VirtualBlock> blocks, List<LocalServiceConfig> local) {
        if (lvs && !local.isEmpty()) {
            global.note("service", "failover blocks are not used without service = fos");
        } else if (!lvs && !blocks.isEmpty()) {
            global.note("service", "virtual blocks are not used with service = fos");
        }
        if (lvs ? blocks.isEmpty() : local.isEmpty()) {
            global.note("", "there is no active service; weir would have nothing to do");
        }
    }

    private void explainAddresses(
            AddressPlan plan, boolean vrrp, @Nullable HeartbeatConfig heartbeat) {
        if (vrrp) {
            for (String key : List.of("keepalive", "deadtime", "heartbeat_port", "monitor_links")) {
                if (global.has(key)) {
                    global.note(key, key + " has no effect: vrrp blocks replace the heartbeat");
                }
            }
            return;
        }
        for (AddressPlan.Entry entry : plan.entries()) {
            if (entry.instance() != null) {
                entry.section().fault("vrrp", "there is no vrrp block " + entry.instance());
            }
        }
        if (heartbeat == null && !plan.entries().isEmpty()) {
            AddressPlan.Entry first = plan.entries().getFirst();
            first.section()
                    .note(
                            first.key(),
                            "without primary = ADDRESS of this router weir puts no address on an"
                                    + " interface");
        }
    }

    private static List<MarkRule> blockRules(List<VirtualBlock> blocks) {
        Set<MarkRule> rules = new LinkedHashSet<>();
        blocks.forEach(block -> rules.addAll(block.rules()));
        return List.copyOf(rules);
    }

    private Timeouts timeouts() {
        return new Timeouts(
                timeout("tcp_timeout"), timeout("tcpfin_timeout"), timeout("udp_timeout"));
    }

    private int timeout(String key) {
        return global.read(key, 0, Values.integer(0, Values.MAX_SECONDS));
    }

    private @Nullable ConnectionSyncConfig connectionSync(List<VrrpInstanceConfig> instances) {
        boolean on = global.read("syncdaemon", false, Values::flag);
        String device = global.read("syncd_iface", "eth0", Values::device);
        int id = global.read("syncd_id", 0, Values.integer(0, 255));
        int length = global.read("sync_maxlen", 0, Values.integer(1, MAX_SYNC_MESSAGE));
        IpAddress group = global.find("sync_group", values::host);
        int port = global.read("sync_port", 0, values.port(ServiceId.UDP, 1));
        int ttl = global.read("sync_ttl", 0, Values.integer(1, 255));
        String instance = global.find("sync_vrrp", Values::word);
        if (group != null && !isMulticast(group)) {
            global.fault("sync_group", group + " is not a multicast address");
        }
        if (instance != null
                && instances.stream().noneMatch(each -> each.name().equals(instance))) {
            global.fault("sync_vrrp", "there is no vrrp block " + instance);
        }
        return on ? new ConnectionSyncConfig(device, id, length, group, port, ttl, instance) : null;
    }

    // RFC 5771 §3 and RFC 4291 §2.7: 224.0.0.0/4 and ff00::/8.
    private static boolean isMulticast(IpAddress address) {
        return address.ipv6() ? address.high() >>> 56 == 0xff : address.low() >>> 28 == 0xe;
    }

    private ScriptConfig scripts() {
        return new ScriptConfig(
                global.read("active_cmd", List.of(), Values::command),
                global.read("inactive_cmd", List.of(), Values::command),
                global.read("notify", List.of(), Values::command));
    }
}
