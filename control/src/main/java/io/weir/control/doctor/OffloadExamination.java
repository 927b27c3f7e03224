package io.weir.control.doctor;

import java.util.function.Consumer;
import java.util.stream.Stream;

/** Whether a network card glues packets together in a way that cannot be undone. */
final class OffloadExamination implements Examination {
    private static final String LRO = "large-receive-offload";

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        boolean unknown = false;
        Stream<String> names = patient.captured().stream().sorted();
        for (String link : names.toList()) {
            Boolean on = patient.offload(link, LRO);
            unknown |= on == null;
            if (Boolean.TRUE.equals(on)) {
                findings.accept(
                        Finding.problem(
                                link,
                                "has " + LRO + " on: what it makes of packets cannot be forwarded",
                                "ethtool -K " + link + " lro off"));
            }
        }
        if (unknown) {
            findings.accept(
                    Finding.note(
                            "offloads", "could not be looked at", "install ethtool and ask again"));
        }
    }
}
