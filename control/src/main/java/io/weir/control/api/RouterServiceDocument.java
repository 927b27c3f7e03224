package io.weir.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.weir.control.check.ServerHealth;
import io.weir.control.check.ServerKey;
import io.weir.control.keeper.ServiceReport;
import io.weir.control.keeper.TableWriter;
import io.weir.dataplane.service.ServerListing;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A virtual service of a configuration, as the API shows it.
 *
 * @param service its protocol, address and port, or its mark
 * @param state up, sorry, degraded, down or unknown
 * @param withdrawn it is no longer in the configuration, but has connections
 * @param quorum how many servers it takes
 * @param sorry the server that stands in, absent without one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RouterServiceDocument(
        String name,
        String service,
        String state,
        boolean withdrawn,
        int quorum,
        List<Server> servers,
        @Nullable Server sorry) {
    /**
     * A real server.
     *
     * @param state up, starting, down, unchecked, draining, drained, quiesced, or standby for a
     *     sorry server that is not needed
     * @param since when its health became so, ISO 8601; absent if it is not checked
     * @param checks what each check saw last
     * @param weight its weight now, absent if it is not in the table
     * @param active connections being opened or established
     * @param inactive all others
     * @param drainSeconds when its connections have to end, absent if they need not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Server(
            String name,
            String address,
            int port,
            String state,
            @Nullable String since,
            List<Check> checks,
            @Nullable Integer weight,
            int configuredWeight,
            long active,
            long inactive,
            @Nullable Long drainSeconds) {}

    /** A check of a real server. */
    record Check(String name, String health, String detail, long lastMillis) {
        static Check of(ServerHealth.CheckHealth check) {
            return new Check(
                    check.name(),
                    check.health().name().toLowerCase(Locale.ROOT),
                    check.detail(),
                    check.lastMillis());
        }
    }

    static RouterServiceDocument of(
            ServiceReport report,
            Map<ServerKey, ServerListing> listed,
            Map<ServerKey, ServerHealth> health) {
        ServiceReport.ServerReport sorry = report.sorry();
        return new RouterServiceDocument(
                report.name(),
                TableWriter.text(report.id()),
                report.state().word(),
                report.withdrawn(),
                report.quorum(),
                report.servers().stream().map(server -> server(server, listed, health)).toList(),
                sorry == null ? null : server(sorry, listed, health));
    }

    private static Server server(
            ServiceReport.ServerReport report,
            Map<ServerKey, ServerListing> listed,
            Map<ServerKey, ServerHealth> health) {
        ServerListing listing = listed.get(report.key());
        ServerHealth known = health.get(report.key());
        return new Server(
                report.name(),
                report.key().server().address().toString(),
                report.key().server().port(),
                report.state(),
                known == null ? null : known.since().toString(),
                known == null ? List.of() : known.checks().stream().map(Check::of).toList(),
                report.weight() < 0 ? null : report.weight(),
                report.configuredWeight(),
                listing == null ? 0 : listing.active(),
                listing == null ? 0 : listing.inactive(),
                report.drainMillis() < 0 ? null : (report.drainMillis() + 999) / 1000);
    }

    /** Adds the same for a terminal. */
    void addTo(StringBuilder text, Instant now) {
        text.append("service ").append(name).append(", ").append(service);
        text.append(": ").append(state);
        text.append(withdrawn ? ", no longer in the configuration\n" : "\n");
        for (Server server : servers) {
            addTo(text, server, now);
        }
        if (sorry != null) {
            addTo(text, sorry, now);
        }
    }

    private static void addTo(StringBuilder text, Server server, Instant now) {
        String endpoint =
                server.address.contains(":") ? "[" + server.address + "]" : server.address;
        endpoint += server.port == 0 ? "" : ":" + server.port;
        text.append(
                String.format(
                        Locale.ROOT, "  %-16s %-22s %-9s", server.name, endpoint, server.state));
        text.append(" weight ").append(server.weight == null ? "-" : server.weight);
        text.append(" of ").append(server.configuredWeight);
        text.append(", ").append(server.active).append(" active, ");
        text.append(server.inactive).append(" inactive");
        if (server.drainSeconds != null) {
            text.append(", ends in ").append(server.drainSeconds).append(" s");
        }
        if (server.since != null) {
            text.append(", for ").append(RouterDocument.span(server.since, now));
        }
        text.append('\n');
        for (Check check : server.checks) {
            text.append("    ").append(check.name).append(": ").append(check.health);
            text.append(check.detail.isEmpty() ? "" : ", " + check.detail).append('\n');
        }
    }
}
