package io.weir.control.lvscf;

import io.weir.control.check.through.ThroughService;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the checks of one server: the check blocks in its own block, else those in the block around
 * it, and nanny's check where there are none or where the file asks for it.
 */
final class CheckReader {
    private static final Map<String, CheckConfig.Path> PATHS =
            Map.of("direct", CheckConfig.Path.DIRECT, "service", CheckConfig.Path.THROUGH_SERVICE);
    private static final Duration LEAST = Duration.ofMillis(50);
    private static final int MAX_COUNT = 10_000_000;
    private static final int MAX_CHECKS = 16;

    private final Values values;

    CheckReader(Values values) {
        this.values = values;
    }

    /**
     * Reads the checks of a server.
     *
     * @param section the server's block
     * @param around the block around it; the same for a service without servers
     */
    List<CheckConfig> read(Section section, Section around, CheckTarget target) {
        if (section.read("unchecked", false, Values::flag)) {
            return List.of();
        }
        List<Section> own = section.blocks(BlockKind.CHECK);
        List<Section> blocks = own.isEmpty() ? around.blocks(BlockKind.CHECK) : own;
        List<CheckConfig> checks = new ArrayList<>();
        boolean nanny =
                own.isEmpty()
                        ? NannyCheck.isAskedFor(section)
                        : section.hasItself("send")
                                || section.hasItself("expect")
                                || section.hasItself("send_program");
        if (blocks.isEmpty() || nanny) {
            add(checks, NannyCheck.read(section, target));
        }
        for (Section block : blocks) {
            add(checks, check(block, section, target));
        }
        if (checks.size() > MAX_CHECKS) {
            section.fault("", "a server can have " + MAX_CHECKS + " checks at most");
        }
        return checks;
    }

    private static void add(List<CheckConfig> checks, @Nullable CheckConfig check) {
        if (check != null && !checks.contains(check)) {
            checks.add(check);
        }
    }

    private @Nullable CheckConfig check(Section block, Section server, CheckTarget target) {
        ProbeReader reader = new ProbeReader(block);
        Probe probe = reader.read();
        if (probe == null) {
            return null;
        }
        boolean portless = probe instanceof Probe.Ping;
        boolean anyPort = probe instanceof Probe.Program;
        int port =
                portless
                        ? 0
                        : block.read(
                                "port",
                                target.port(),
                                values.port(target.protocol(), anyPort ? 0 : 1));
        if (port == 0 && !portless && !anyPort) {
            block.fault("port", "a service on every port needs a port in its check blocks");
        }
        CheckConfig check =
                new CheckConfig(
                        probe,
                        block.read("address", target.address(), values::host),
                        port,
                        block.read("via", CheckConfig.Path.DIRECT, Values.choice(PATHS)),
                        timing(block, server));
        if (check.path() == CheckConfig.Path.THROUGH_SERVICE) {
            refuseDetours(block, target, check);
        }
        return check;
    }

    private static void refuseDetours(Section block, CheckTarget target, CheckConfig check) {
        String refusal = ThroughService.refusal(target.service(), target.method(), check);
        if (refusal != null) {
            block.fault("via", refusal);
        }
        if (block.has("address")) {
            block.fault("address", "a check through the service goes to the virtual address");
        }
    }

    private static CheckTiming timing(Section block, Section server) {
        Duration usual = NannyCheck.timeout(server);
        Duration interval = block.read("interval", usual, Values.seconds(LEAST));
        Duration shorter = interval.compareTo(usual) < 0 ? interval : usual;
        Duration timeout = block.read("timeout", shorter, Values.seconds(LEAST));
        // Only a re-entry time that is asked for: nanny's usual three minutes would surprise here.
        Duration reentry = server.read("reentry", Duration.ZERO, Values.wholeSeconds(0));
        int passes = (int) Math.clamp(reentry.dividedBy(interval), 1L, MAX_COUNT);
        return new CheckTiming(
                interval,
                timeout,
                block.read("retry_interval", interval, Values.seconds(LEAST)),
                block.read("fall", 1, Values.integer(1, MAX_COUNT)),
                block.read("rise", passes, Values.integer(1, MAX_COUNT)),
                block.read("first_pass", true, Values::flag),
                block.read("jitter", 0, Values.integer(0, 100)));
    }
}
