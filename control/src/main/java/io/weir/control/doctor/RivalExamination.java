package io.weir.control.doctor;

import java.util.function.Consumer;

/** Whether the kernel's own IPVS has rules as well. */
final class RivalExamination implements Examination {
    private static final String TABLE = "net/ip_vs";

    /** The version line and two lines of headings. */
    private static final int HEADINGS = 3;

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        String table = patient.proc(TABLE);
        if (table != null && table.lines().count() > HEADINGS) {
            findings.accept(
                    Finding.problem(
                            "ip_vs",
                            "the kernel's own IPVS has rules in this network namespace, too",
                            "clear them with the kernel's ipvsadm, as /sbin/ipvsadm -C"));
        }
    }
}
