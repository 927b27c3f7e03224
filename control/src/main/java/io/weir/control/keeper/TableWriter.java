package io.weir.control.keeper;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Carries changes of the table out. */
public final class TableWriter {
    private final Administration administration;

    public TableWriter(Administration administration) {
        this.administration = administration;
    }

    /**
     * Carries changes out, all of them or none.
     *
     * @throws TableRefusal naming the first that was refused, after all before it were taken back
     */
    public void applyAll(List<TableChange> changes) throws TableRefusal {
        Deque<TableChange> done = new ArrayDeque<>();
        for (TableChange change : changes) {
            RuleResult result = apply(change);
            if (result != RuleResult.DONE) {
                takeBack(done);
                throw new TableRefusal(refusal(change, result));
            }
            done.push(change);
        }
    }

    /** Takes changes that were carried out back, the last one first. */
    public void takeBack(List<TableChange> changes) {
        takeBack(new ArrayDeque<>(changes.reversed()));
    }

    private void takeBack(Deque<TableChange> newestFirst) {
        for (TableChange change : newestFirst) {
            TableChange inverse = change.inverse();
            if (inverse != null) {
                apply(inverse);
            }
        }
    }

    /**
     * Carries out what can be.
     *
     * @return a line for each change that was refused
     */
    public List<String> applyEach(List<TableChange> changes) {
        List<String> refusals = new ArrayList<>();
        for (TableChange change : changes) {
            RuleResult result = apply(change);
            if (result != RuleResult.DONE) {
                refusals.add(refusal(change, result));
            }
        }
        return refusals;
    }

    private RuleResult apply(TableChange change) {
        return switch (change) {
            case TableChange.AddService add ->
                    administration.addService(add.service(), add.settings());
            case TableChange.EditService edit ->
                    administration.editService(edit.service(), edit.after());
            case TableChange.DeleteService delete -> administration.deleteService(delete.service());
            case TableChange.AddServer add -> add(add.service(), add.server(), add.entry());
            case TableChange.EditServer edit -> edit(edit);
            case TableChange.DeleteServer delete ->
                    administration.deleteServer(delete.service(), delete.server());
            case TableChange.ExpelServer expel ->
                    administration.expelServer(expel.service(), expel.server());
        };
    }

    private RuleResult add(ServiceId service, ServerId server, ServerEntry entry) {
        return entry.draining()
                ? administration.addDrainingServer(service, server, entry.settings())
                : administration.addServer(service, server, entry.settings());
    }

    // Its settings change while the scheduler does not see it: hashing schedulers refuse the
    // clients of a server whose weight is 0, and one that comes back is not to be asked for with
    // that weight.
    private RuleResult edit(TableChange.EditServer edit) {
        ServerId server = edit.server();
        boolean drained = edit.before().draining();
        boolean drains = edit.after().draining();
        RuleResult result = RuleResult.DONE;
        if (drains && !drained) {
            result = administration.drainServer(edit.service(), server, true);
        }
        if (result == RuleResult.DONE) {
            result = administration.editServer(edit.service(), server, edit.after().settings());
        }
        if (result == RuleResult.DONE && drained && !drains) {
            result = administration.drainServer(edit.service(), server, false);
        }
        return result;
    }

    private static String refusal(TableChange change, RuleResult result) {
        String what =
                switch (change) {
                    case TableChange.AddServer add ->
                            " server " + text(add.service(), add.server());
                    case TableChange.EditServer edit ->
                            " server " + text(edit.service(), edit.server());
                    case TableChange.DeleteServer delete ->
                            " server " + text(delete.service(), delete.server());
                    case TableChange.ExpelServer expel ->
                            " server " + text(expel.service(), expel.server());
                    default -> "";
                };
        return "service " + text(change.service()) + what + ": " + reason(result);
    }

    private static String text(ServiceId service, ServerId server) {
        return OutcomeDraft.endpoint(service, server);
    }

    /** A service as people write it. */
    public static String text(ServiceId id) {
        if (id.isMark()) {
            return "of mark " + Integer.toUnsignedString(id.mark());
        }
        String protocol =
                switch (id.protocol()) {
                    case ServiceId.TCP -> "tcp ";
                    case ServiceId.UDP -> "udp ";
                    default -> "sctp ";
                };
        return protocol + OutcomeDraft.endpoint(id, new ServerId(id.address(), id.port()));
    }

    private static String reason(RuleResult result) {
        return switch (result) {
            case DONE -> "done";
            case SERVICE_EXISTS ->
                    "it is in the table already, by other rules; delete it there first";
            case NO_SERVICE -> "it is not in the table";
            case SERVER_EXISTS -> "it is in the table already";
            case NO_SERVER -> "it is not in the table";
            case NO_SCHEDULER -> "there is no such scheduler or persistence engine";
            case INVALID -> "its address, mask or tunnel is not possible";
            case NOT_SUPPORTED -> "the address family or forwarding method is not supported";
            case TOO_MANY -> "a limit on rules is reached";
            case OUT_OF_RANGE -> "its weight is negative, or a threshold is above the other";
            case NEEDS_ONE_WORKER -> "persistence by a mask needs weir run --workers 1";
        };
    }
}
