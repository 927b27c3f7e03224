package io.weir.control.lvscf;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.LocalServiceConfig;
import io.weir.control.lvscf.FloatingReader.Placed;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads failover blocks: services that run on the active router itself. */
final class FailoverReader {
    private static final int HTTP = 80;

    private final Values values;
    private final CheckReader checks;
    private final FloatingReader addresses;

    FailoverReader(Values values, CheckReader checks) {
        this.values = values;
        this.checks = checks;
        addresses = new FloatingReader(values);
    }

    /** The service of a block, whose address is added to the plan; null if it is not active. */
    @Nullable LocalServiceConfig read(Section block, AddressPlan plan) {
        if (!block.read("active", false, Values::flag)) {
            if (!block.has("active")) {
                block.note("", "failover " + block.name() + " is not used without active = 1");
            }
            return null;
        }
        for (Section server : block.blocks(BlockKind.SERVER)) {
            server.note("", "a failover block runs on the routers; its servers are not used");
        }
        Placed placed = block.find("address", addresses::placed);
        FloatingAddress floating = addresses.read(block, "address", "vip_nmask");
        if (placed == null || floating == null) {
            block.fault(
                    "address",
                    "failover "
                            + block.name()
                            + " needs address = ADDRESS INTERFACE, which moves with it");
            return null;
        }
        for (String key : List.of("start_cmd", "stop_cmd")) {
            if (!block.has(key)) {
                block.fault("", "failover " + block.name() + " needs " + key + " = COMMAND");
            }
        }
        plan.add(
                new AddressPlan.Entry(
                        floating, block.find("vrrp", Values::word), block, "address"));
        int protocol =
                block.read("protocol", ServiceId.TCP, Values.choice(VirtualReader.PROTOCOLS));
        int port = block.read("port", HTTP, values.port(protocol, 1));
        CheckTarget target =
                new CheckTarget(
                        placed.address(),
                        port,
                        port,
                        protocol,
                        Duration.ZERO,
                        ServiceId.of(protocol, placed.address(), port),
                        ForwardingMethod.LOCAL);
        return new LocalServiceConfig(
                block.name(),
                placed.address(),
                port,
                block.read("start_cmd", new ArrayList<>(), Values::command),
                block.read("stop_cmd", new ArrayList<>(), Values::command),
                checks.read(block, block, target));
    }
}
