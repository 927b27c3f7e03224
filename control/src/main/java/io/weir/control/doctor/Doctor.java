package io.weir.control.doctor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Makes all examinations. Any thread. */
public final class Doctor {
    private static final List<Examination> EXAMINATIONS =
            List.of(
                    new CaptureExamination(),
                    new WorkerExamination(),
                    new RivalExamination(),
                    new ForwardingExamination(),
                    new VirtualAddressExamination(),
                    new ReturnPathExamination(),
                    new DirectRoutingExamination(),
                    new ArpExamination(),
                    new ReversePathExamination(),
                    new MtuExamination(),
                    new OffloadExamination(),
                    new HugePageExamination(),
                    new PartnerExamination(),
                    new ClockExamination());

    private Doctor() {}

    /** What was found, the worst first. */
    public static List<Finding> examine(Patient patient) {
        List<Finding> findings = new ArrayList<>();
        for (Examination examination : EXAMINATIONS) {
            examination.examine(patient, findings::add);
        }
        findings.sort(Comparator.comparing(Finding::severity));
        return findings;
    }

    /** Whether one of the findings is a problem. */
    public static boolean ill(List<Finding> findings) {
        return findings.stream()
                .anyMatch(finding -> finding.severity() == Finding.Severity.PROBLEM);
    }

    /** The findings for a terminal. */
    public static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            String severity = finding.severity().name().toLowerCase(Locale.ROOT);
            text.append("%-8s %s: %s%n".formatted(severity, finding.subject(), finding.what()));
            if (!finding.remedy().isEmpty()) {
                text.append("         -> ").append(finding.remedy()).append('\n');
            }
        }
        return text.toString();
    }
}
