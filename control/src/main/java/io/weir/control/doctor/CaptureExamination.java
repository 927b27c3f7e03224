package io.weir.control.doctor;

import io.weir.dataplane.net.Link;

import java.util.function.Consumer;

/** Whether packets get to weir at all. */
final class CaptureExamination implements Examination {
    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        if (patient.captured().isEmpty()) {
            findings.accept(
                    Finding.problem(
                            "weir",
                            "captures no interface",
                            "start it with weir run, or look at its --interface options"));
            return;
        }
        for (Link link : patient.network().links()) {
            if (!link.ethernet()) {
                continue;
            }
            boolean captured = patient.captured().contains(link.name());
            if (captured && !link.up()) {
                findings.accept(
                        Finding.warning(
                                link.name(),
                                "has no carrier or is down",
                                "ip link set " + link.name() + " up, and look at the cable"));
            } else if (captured) {
                findings.accept(
                        Finding.fine(link.name(), "is captured by " + patient.io(link.name())));
            } else if (link.up()) {
                findings.accept(
                        Finding.note(
                                link.name(),
                                "is not captured, services are not reached through it",
                                ""));
            }
        }
    }
}
