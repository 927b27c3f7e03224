package io.weir.control.mark;

import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;

import java.util.ArrayList;
import java.util.List;

/** Changes the mark rules in force, each change as a whole or not at all. Any thread. */
public final class MarkEditor {
    private final Store store;
    private final Names names;

    /** Where the rules are in force. */
    public interface Store {
        List<MarkRule> marks();

        /**
         * Replaces all rules at once.
         *
         * @throws SteeringException if the kernel refuses; the rules of before are in force
         */
        void setMarks(MarkTable table) throws SteeringException;
    }

    /**
     * Makes an editor.
     *
     * @param names knows the names of ports in the rules that it reads
     */
    public MarkEditor(Store store, Names names) {
        this.store = store;
        this.names = names;
    }

    /**
     * Reads rules without any effect, as {@link MarkScript#read}.
     *
     * @param source where they come from, for messages
     */
    public List<MarkRule> read(String source, String text) throws MarkException {
        return MarkScript.read(source, text, names);
    }

    /** The rules in force, in their order. */
    public List<MarkRule> rules() {
        return store.marks();
    }

    /** Puts rules behind those in force. */
    public synchronized void add(List<MarkRule> more) throws MarkException {
        List<MarkRule> rules = new ArrayList<>(store.marks());
        rules.addAll(more);
        set(rules);
    }

    /** Takes away the first rule that is equal to each of these. */
    public synchronized void delete(List<MarkRule> fewer) throws MarkException {
        List<MarkRule> rules = new ArrayList<>(store.marks());
        for (MarkRule rule : fewer) {
            if (!rules.remove(rule)) {
                throw new MarkException(
                        "there is no rule \"" + MarkText.line(rule) + "\"; weir mark shows them");
            }
        }
        set(rules);
    }

    /** Puts these in the place of all rules in force. */
    public synchronized void replace(List<MarkRule> rules) throws MarkException {
        set(rules);
    }

    private void set(List<MarkRule> rules) throws MarkException {
        if (rules.size() > MarkTable.CAPACITY) {
            throw new MarkException(
                    "there can be "
                            + MarkTable.CAPACITY
                            + " mark rules, not "
                            + rules.size()
                            + "; a range of ports or a prefix takes one");
        }
        try {
            store.setMarks(new MarkTable(rules));
        } catch (SteeringException e) {
            throw new MarkException(String.valueOf(e.getMessage()));
        }
    }
}
