package io.weir.control.lvscf;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.config.SorryServerConfig;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes services of virtual blocks. Blocks with the same firewall mark are one service, whose
 * servers pass the checks of all of them; lvsd would make the first and fail at the second.
 */
final class ServiceMerger {
    private static final int MAX_NAME = 200;

    private final Map<ServiceId, Merged> services = new LinkedHashMap<>();

    private static final class Merged {
        final VirtualBlock first;
        final Map<ServerId, VirtualBlock.Server> servers = new LinkedHashMap<>();
        final List<VirtualBlock> blocks = new ArrayList<>();
        @Nullable SorryServerConfig sorry;
        int quorum;

        Merged(VirtualBlock first) {
            this.first = first;
            quorum = first.quorum();
        }
    }

    /** Puts a block to those before it. */
    void add(VirtualBlock block) {
        Merged merged = services.get(block.id());
        if (merged == null) {
            merged = new Merged(block);
            services.put(block.id(), merged);
        } else if (!block.id().isMark()) {
            block.section()
                    .fault(
                            "address",
                            "the block in line "
                                    + merged.first.line()
                                    + " has the same address, port and protocol; take one of them"
                                    + " out, or give it another port");
            return;
        } else {
            agree(merged.first, block);
        }
        merged.blocks.add(block);
        merged.quorum = Math.max(merged.quorum, block.quorum());
        if (merged.sorry == null) {
            merged.sorry = block.sorryServer();
        } else if (block.sorryServer() != null && !merged.sorry.equals(block.sorryServer())) {
            differ(block, "sorry_server", merged.first);
        }
        for (VirtualBlock.Server server : block.servers()) {
            merge(merged, server);
        }
    }

    private static void agree(VirtualBlock first, VirtualBlock block) {
        var before = first.settings();
        var here = block.settings();
        if (!before.scheduler().equals(here.scheduler())) {
            differ(block, "scheduler", first);
        }
        if (before.schedulerFlags() != here.schedulerFlags()) {
            differ(block, "scheduler_flags", first);
        }
        if (before.persistentSeconds() != here.persistentSeconds()) {
            differ(block, "persistent", first);
        } else if (before.netmask() != here.netmask()) {
            differ(block, "pmask", first);
        }
        if (before.onePacket() != here.onePacket()) {
            differ(block, "one_packet", first);
        }
        if (!Objects.equals(before.persistenceEngine(), here.persistenceEngine())) {
            differ(block, "persistence_engine", first);
        }
    }

    private static void differ(VirtualBlock block, String key, VirtualBlock first) {
        block.section()
                .fault(
                        key,
                        "virtual "
                                + block.name()
                                + " has the mark of virtual "
                                + first.name()
                                + ", line "
                                + first.section().line(key)
                                + ", so that both are one service; write the same "
                                + key
                                + " in both");
    }

    private static void merge(Merged merged, VirtualBlock.Server server) {
        ServerConfig here = server.config();
        VirtualBlock.Server before = merged.servers.putIfAbsent(here.id(), server);
        if (before == null) {
            return;
        }
        ServerConfig there = before.config();
        boolean same =
                here.settings().equals(there.settings())
                        && here.onFailure() == there.onFailure()
                        && here.slowStart() == there.slowStart()
                        && Objects.equals(here.load(), there.load())
                        && Objects.equals(here.drain(), there.drain());
        if (!same) {
            server.section()
                    .fault(
                            "",
                            "server "
                                    + here.name()
                                    + " and "
                                    + there.name()
                                    + " in line "
                                    + before.line()
                                    + " are one server of one mark; write the same weight and"
                                    + " other keys in both");
            return;
        }
        List<CheckConfig> checks = new ArrayList<>(there.checks());
        here.checks().stream().filter(check -> !checks.contains(check)).forEach(checks::add);
        ServerConfig both =
                new ServerConfig(
                        there.name(),
                        there.id(),
                        there.settings(),
                        checks,
                        there.onFailure(),
                        there.slowStart(),
                        there.load(),
                        there.drain());
        merged.servers.put(here.id(), new VirtualBlock.Server(both, before.section()));
    }

    /** Clients of a block get the servers of all blocks with its mark. */
    private static void noteMissing(Merged merged, VirtualBlock block) {
        Set<ServerId> here = new HashSet<>();
        block.servers().forEach(server -> here.add(server.config().id()));
        for (VirtualBlock.Server server : merged.servers.values()) {
            if (!here.contains(server.config().id())) {
                block.section()
                        .note(
                                "",
                                "virtual "
                                        + block.name()
                                        + " gets server "
                                        + server.config().name()
                                        + " of line "
                                        + server.line()
                                        + " too, which has the same mark, without a check of its"
                                        + " own for it");
            }
        }
    }

    /** The services, in the order of their first blocks. */
    List<ServiceConfig> services() {
        List<ServiceConfig> all = new ArrayList<>();
        for (Merged merged : services.values()) {
            merged.blocks.forEach(block -> noteMissing(merged, block));
            String names =
                    merged.blocks.stream().map(VirtualBlock::name).collect(Collectors.joining("+"));
            all.add(
                    new ServiceConfig(
                            names.length() > MAX_NAME ? merged.first.name() : names,
                            merged.first.id(),
                            merged.first.settings(),
                            merged.servers.values().stream()
                                    .map(VirtualBlock.Server::config)
                                    .toList(),
                            merged.sorry,
                            merged.quorum));
        }
        return all;
    }
}
