package io.weir.control.doctor;

import java.util.function.Consumer;

/** Looks for one kind of mistake. */
@FunctionalInterface
interface Examination {
    void examine(Patient patient, Consumer<Finding> findings);
}
