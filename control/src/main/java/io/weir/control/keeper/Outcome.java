package io.weir.control.keeper;

import java.util.List;

/**
 * What follows from something that the keeper was told.
 *
 * @param changes of the table, in their order
 * @param notices what there is to tell
 */
public record Outcome(List<TableChange> changes, List<Notice> notices) {
    public static final Outcome NOTHING = new Outcome(List.of(), List.of());

    public Outcome {
        changes = List.copyOf(changes);
        notices = List.copyOf(notices);
    }
}
