package io.weir.control.keeper;

import io.weir.control.check.Health;
import io.weir.control.check.ServerKey;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * How a virtual service stands.
 *
 * @param withdrawn it is no longer in the configuration, but has connections
 * @param quorum how many servers it takes
 * @param sorry the server that stands in, null if there is none
 */
public record ServiceReport(
        String name,
        ServiceId id,
        ServiceState state,
        boolean withdrawn,
        int quorum,
        List<ServerReport> servers,
        @Nullable ServerReport sorry) {
    public ServiceReport {
        servers = List.copyOf(servers);
    }

    /**
     * How a real server stands.
     *
     * @param state one word: up, starting, down, unchecked, draining, drained, quiesced or standby
     * @param weight its weight now, -1 if it is not in the table
     * @param configuredWeight its weight when all is well
     * @param drainMillis when its connections have to end, -1 if they need not
     */
    public record ServerReport(
            String name,
            ServerKey key,
            Health health,
            String state,
            int weight,
            int configuredWeight,
            long drainMillis) {}

    static ServiceReport of(KeptService service, long now) {
        List<ServerReport> servers = new ArrayList<>();
        for (KeptServer server : service.servers()) {
            servers.add(of(service, server, now));
        }
        KeptServer sorry = service.sorry();
        return new ServiceReport(
                service.config().name(),
                service.id(),
                service.state(),
                service.withdrawn(),
                service.config().quorum(),
                servers,
                sorry == null ? null : of(service, sorry, now));
    }

    private static ServerReport of(KeptService service, KeptServer server, long now) {
        ServerEntry entry = server.entry();
        long ends = server.drainEnds();
        return new ServerReport(
                server.config().name(),
                new ServerKey(service.id(), server.config().id()),
                server.health(),
                state(server, server == service.sorry()),
                entry == null ? -1 : entry.settings().weight(),
                server.config().settings().weight(),
                ends == KeptServer.NEVER ? -1 : Math.max(0, ends - now));
    }

    private static String state(KeptServer server, boolean sorry) {
        if (server.serving()) {
            return server.starting() ? "starting" : "up";
        }
        if (server.draining()) {
            return "draining";
        }
        if (server.drained()) {
            return sorry ? "standby" : "drained";
        }
        return switch (server.health()) {
            case UNKNOWN -> "unchecked";
            case DOWN -> server.inTable() ? "quiesced" : "down";
            case UP -> "up";
        };
    }
}
