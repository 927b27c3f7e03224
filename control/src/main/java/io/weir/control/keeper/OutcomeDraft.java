package io.weir.control.keeper;

import io.weir.control.check.Health;
import io.weir.control.event.Event;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Collects what follows, by comparing what was with what is. */
final class OutcomeDraft {
    private final List<TableChange> changes = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();
    private @Nullable KeptService service;
    private @Nullable KeptServer server;
    private @Nullable Standing before;
    private @Nullable ServerEntry entryBefore;
    private @Nullable ServerEntry sorryBefore;

    /** How a server stands, as far as anybody is told. */
    private record Standing(boolean serving, boolean inTable, boolean leaving, Health health) {
        static Standing of(KeptServer server) {
            return new Standing(
                    server.serving(),
                    server.inTable(),
                    server.withdrawn() || server.drained(),
                    server.health());
        }
    }

    Outcome outcome() {
        return changes.isEmpty() && notices.isEmpty()
                ? Outcome.NOTHING
                : new Outcome(changes, notices);
    }

    /** Remembers how a server stands. */
    void begin(KeptService of, KeptServer one) {
        service = of;
        server = one;
        before = Standing.of(one);
        entryBefore = of.entry(one.config().id());
        KeptServer sorry = of.sorry();
        sorryBefore = sorry == null ? null : of.entry(sorry.config().id());
    }

    void end() {
        end(false);
    }

    /**
     * Draws the consequences.
     *
     * @param expelled its connections have to end, if it has left the table
     */
    void end(boolean expelled) {
        KeptService of = Objects.requireNonNull(service);
        KeptServer one = Objects.requireNonNull(server);
        ServerId id = one.config().id();
        List<TableChange> own = new ArrayList<>();
        ServerEntry entry = of.entry(id);
        if (expelled && entryBefore != null && entry == null) {
            own.add(new TableChange.ExpelServer(of.id(), id));
        } else {
            ServiceEntry.add(own, of.id(), id, entryBefore, entry);
        }
        List<TableChange> standIn = new ArrayList<>();
        KeptServer sorry = of.sorry();
        boolean enters = false;
        if (sorry != null && sorry != one && !sorry.config().id().equals(id)) {
            ServerId sorryId = sorry.config().id();
            ServiceEntry.add(standIn, of.id(), sorryId, sorryBefore, of.entry(sorryId));
            enters = sorry.serving();
        }
        // Whoever takes over comes first.
        changes.addAll(enters ? standIn : own);
        changes.addAll(enters ? own : standIn);
        if (one != sorry) {
            tell(of, one, before, expelled);
        }
        tell(of);
    }

    /** A service that nothing needs any more goes. */
    void delete(KeptService gone) {
        changes.add(new TableChange.DeleteService(gone.id(), gone.config().settings()));
    }

    /** Makes one service of the other; a service that is forgotten is deleted. */
    void compare(@Nullable KeptService old, KeptService now) {
        changes.addAll(
                ServiceEntry.changes(now.id(), old == null ? null : old.entry(), now.entry()));
        for (KeptServer one : now.servers()) {
            KeptServer was = old == null ? null : old.server(one.config().id());
            tell(now, one, was == null ? null : Standing.of(was), false);
        }
        if (!now.withdrawn()) {
            tell(now);
        }
    }

    private void tell(KeptService of, KeptServer one, @Nullable Standing was, boolean expelled) {
        Standing is = Standing.of(one);
        if (is.equals(was)) {
            return;
        }
        String endpoint = endpoint(of.id(), one.config().id());
        boolean served = was != null && was.serving;
        if (is.serving && !served) {
            notice(of, one, "up", "[ active ] making " + endpoint + " available");
        } else if (is.leaving && (was == null || !was.leaving) && is.inTable) {
            notice(of, one, "draining", endpoint + " gets no new connections");
        } else if (is.leaving && was != null && was.inTable && !is.inTable) {
            String end = expelled ? "its time is up" : "its connections have ended";
            notice(of, one, "removed", endpoint + ": " + end);
        } else if (is.health == Health.DOWN && (was == null || was.health != Health.DOWN)) {
            String what = "[inactive] shutting down " + endpoint + " due to connection failure";
            notice(of, one, "down", what + (one.detail().isEmpty() ? "" : ": " + one.detail()));
        }
    }

    private void notice(KeptService of, KeptServer one, String state, String detail) {
        notices.add(
                new Notice(
                        Event.Kind.SERVER,
                        List.of(of.config().name(), one.config().name()),
                        state,
                        detail));
    }

    private void tell(KeptService of) {
        ServiceState was = of.state();
        ServiceState is = state(of);
        if (of.withdrawn() || is == was) {
            return;
        }
        of.setState(is);
        String detail =
                of.serving() + " of " + of.config().servers().size() + " servers are in service";
        notices.add(new Notice(Event.Kind.SERVICE, List.of(of.config().name()), is.word(), detail));
    }

    private static ServiceState state(KeptService of) {
        int serving = of.serving();
        KeptServer sorry = of.sorry();
        if (serving >= of.config().quorum()) {
            return ServiceState.UP;
        }
        boolean unchecked =
                of.servers().stream().anyMatch(server -> server.health() == Health.UNKNOWN);
        if (of.state() == ServiceState.UNKNOWN && unchecked) {
            return ServiceState.UNKNOWN;
        }
        if (sorry != null && sorry.serving()) {
            return ServiceState.SORRY;
        }
        return serving > 0 ? ServiceState.DEGRADED : ServiceState.DOWN;
    }

    /** A server's address and port as people write them. */
    static String endpoint(ServiceId service, ServerId id) {
        String address = id.address().toString();
        int port = id.port() == 0 ? service.port() : id.port();
        String host = id.address().ipv6() ? "[" + address + "]" : address;
        return port == 0 ? host : host + ":" + port;
    }
}
