package io.weir.control.doctor;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether the connection table lies in huge pages, which spare lookups most TLB misses. */
final class HugePageExamination implements Examination {
    private static final String SUBJECT = "huge pages";
    private static final String SETTING = "kernel/mm/transparent_hugepage/enabled";
    private static final Pattern GRANTED =
            Pattern.compile("^AnonHugePages:\\s+(\\d{1,15}) kB$", Pattern.MULTILINE);

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        String memory = patient.proc("self/smaps_rollup");
        Matcher granted = GRANTED.matcher(memory == null ? "" : memory);
        if (!granted.find()) {
            return; // a kernel that does not tell
        }
        long mebibytes = Long.parseLong(granted.group(1)) >> 10;
        findings.accept(
                mebibytes > 0
                        ? Finding.fine(SUBJECT, "hold " + mebibytes + " MiB of the tables")
                        : missing(patient.sys(SETTING)));
    }

    private static Finding missing(@Nullable String setting) {
        if (setting == null || setting.contains("[never]")) {
            return Finding.note(
                    SUBJECT,
                    "are switched off: with very many connections each packet costs more",
                    "echo madvise > /sys/" + SETTING + ", then restart weir");
        }
        return Finding.note(
                SUBJECT,
                "were not to be had when weir started: with very many connections each packet"
                        + " costs more",
                "echo 1 > /proc/sys/vm/compact_memory, then restart weir");
    }
}
