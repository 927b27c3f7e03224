package io.weir.control.doctor;

import java.util.function.Consumer;

/** Whether the clock is right, without which logs of two routers cannot be compared. */
final class ClockExamination implements Examination {
    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        Boolean right = patient.clockSynchronized();
        if (Boolean.FALSE.equals(right)) {
            findings.accept(
                    Finding.warning(
                            "clock",
                            "is not kept right by a time server",
                            "timedatectl set-ntp true, or run chrony"));
        } else if (right != null) {
            findings.accept(Finding.fine("clock", "is kept right by a time server"));
        }
    }
}
