package io.weir.control.router;

import io.weir.control.config.Configuration;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;

import java.util.ArrayList;
import java.util.List;

/**
 * The configuration's rules for marks and masquerading, among others that the operator has given by
 * other means. Owned by the router's thread.
 */
final class RuleSets {
    /** The most masquerading rules; see docs/operations.md. */
    private static final int MASQUERADE_LIMIT = 16;

    private final RouterBalancer balancer;
    private List<MarkRule> marks = List.of();
    private List<MasqueradeRule> masquerade = List.of();

    RuleSets(RouterBalancer balancer) {
        this.balancer = balancer;
    }

    /**
     * Puts a configuration's rules in the place of those of the last one; the others stay, before
     * them.
     *
     * @throws RouterRefusal if there are too many or the kernel refuses; all are as before
     */
    void replace(Configuration configuration) throws RouterRefusal {
        List<MarkRule> wantedMarks = configuration.marks();
        List<MasqueradeRule> wantedMasquerade = configuration.masquerade();
        List<MarkRule> marksBefore = balancer.marks();
        List<MarkRule> newMarks = merged(marksBefore, marks, wantedMarks);
        List<MasqueradeRule> newMasquerade =
                merged(balancer.masquerading(), masquerade, wantedMasquerade);
        if (newMarks.size() > MarkTable.CAPACITY || newMasquerade.size() > MASQUERADE_LIMIT) {
            throw new RouterRefusal(
                    "there can be "
                            + MarkTable.CAPACITY
                            + " mark rules and "
                            + MASQUERADE_LIMIT
                            + " masquerading rules, not "
                            + newMarks.size()
                            + " and "
                            + newMasquerade.size());
        }
        try {
            if (!newMarks.equals(marksBefore)) {
                balancer.setMarks(new MarkTable(newMarks));
            }
            if (!newMasquerade.equals(balancer.masquerading())) {
                setMasquerading(newMasquerade, marksBefore);
            }
        } catch (SteeringException e) {
            throw new RouterRefusal(String.valueOf(e.getMessage()), e);
        }
        marks = wantedMarks;
        masquerade = wantedMasquerade;
    }

    private void setMasquerading(List<MasqueradeRule> rules, List<MarkRule> marksBefore)
            throws SteeringException {
        try {
            balancer.setMasquerading(new MasqueradeTable(rules));
        } catch (SteeringException e) {
            balancer.setMarks(new MarkTable(marksBefore));
            throw e;
        }
    }

    private static <T> List<T> merged(List<T> inForce, List<T> before, List<T> wanted) {
        List<T> merged = new ArrayList<>(inForce);
        before.forEach(merged::remove);
        merged.addAll(wanted);
        return merged;
    }
}
