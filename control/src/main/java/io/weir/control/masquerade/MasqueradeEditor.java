package io.weir.control.masquerade;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.MarkException;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;

import java.util.List;

/** Shows and replaces the masquerading rules in force, as a whole or not at all. Any thread. */
public final class MasqueradeEditor {
    private final Store store;
    private final Names names;

    /** Where the rules are in force. */
    public interface Store {
        List<MasqueradeRule> masquerading();

        /**
         * Replaces all rules at once.
         *
         * @throws SteeringException if the kernel refuses; the rules of before are in force
         */
        void setMasquerading(MasqueradeTable table) throws SteeringException;
    }

    /**
     * Makes an editor.
     *
     * @param names knows the names of ports in the rules that it reads
     */
    public MasqueradeEditor(Store store, Names names) {
        this.store = store;
        this.names = names;
    }

    /** The rules in force, in their order. */
    public List<MasqueradeRule> rules() {
        return store.masquerading();
    }

    /**
     * Puts rules in the place of all that are in force.
     *
     * @param source where they come from, for messages
     */
    public synchronized void replace(String source, String text) throws MarkException {
        MasqueradeTable table = MasqueradeScript.read(source, text, names);
        try {
            store.setMasquerading(table);
        } catch (SteeringException e) {
            throw new MarkException(String.valueOf(e.getMessage()));
        }
    }
}
