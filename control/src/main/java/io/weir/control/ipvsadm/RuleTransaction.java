package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.Timeouts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Changes of rules that can be taken back as long as nobody else changes them meanwhile.
 *
 * <p>Taking back restores services, servers, their settings and order, and the timeouts; the
 * counters of what was deleted and the connections that -C ended are gone.
 */
final class RuleTransaction {
    private final Administration administration;
    private final Deque<Runnable> undo = new ArrayDeque<>();

    RuleTransaction(Administration administration) {
        this.administration = administration;
    }

    RuleResult apply(Invocation rule) {
        Runnable inverse = inverse(rule);
        RuleResult result = RuleChange.apply(rule, administration);
        if (result == RuleResult.DONE) {
            undo.push(inverse);
        }
        return result;
    }

    void rollBack() {
        while (!undo.isEmpty()) {
            undo.pop().run();
        }
    }

    private Runnable inverse(Invocation rule) {
        return switch (rule.command()) {
            case ADD_SERVICE -> () -> administration.deleteService(rule.requiredService());
            case EDIT_SERVICE, DELETE_SERVICE, EDIT_SERVER, DELETE_SERVER -> {
                ServiceListing before = administration.service(rule.requiredService());
                yield () -> putBack(rule, before);
            }
            case ADD_SERVER ->
                    () ->
                            administration.deleteServer(
                                    rule.requiredService(), rule.requiredServer());
            case CLEAR -> {
                List<ServiceListing> before = administration.services();
                yield () -> before.forEach(this::addAgain);
            }
            case SET -> {
                Timeouts before = administration.timeouts();
                yield () -> administration.setTimeouts(before);
            }
            default -> throw new IllegalArgumentException(rule.command() + " changes no rule");
        };
    }

    private void putBack(Invocation rule, @Nullable ServiceListing before) {
        if (before == null) {
            return;
        }
        switch (rule.command()) {
            case EDIT_SERVICE -> administration.editService(before.id(), before.settings());
            case DELETE_SERVICE -> addAgain(before);
            case EDIT_SERVER -> {
                for (ServerListing server : before.servers()) {
                    if (server.id().equals(rule.server())) {
                        administration.editServer(before.id(), server.id(), server.settings());
                    }
                }
            }
            default -> reorder(before);
        }
    }

    private void addAgain(ServiceListing service) {
        administration.addService(service.id(), service.settings());
        addServers(service);
    }

    // A listing has the newest server first.
    private void addServers(ServiceListing service) {
        for (ServerListing server : service.servers().reversed()) {
            administration.addServer(service.id(), server.id(), server.settings());
        }
    }

    /** Brings a deleted server back to its place in the order, which is that of adding. */
    private void reorder(ServiceListing before) {
        for (ServerListing server : before.servers()) {
            administration.deleteServer(before.id(), server.id());
        }
        addServers(before);
    }
}
