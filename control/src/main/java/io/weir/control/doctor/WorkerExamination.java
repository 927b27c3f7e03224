package io.weir.control.doctor;

import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** Whether workers have CPUs of their own, and time left. */
final class WorkerExamination implements Examination {
    private static final String SUBJECT = "workers";
    private static final double NEARLY_ALL = 0.9;

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        List<Patient.WorkerState> workers = patient.workers();
        long cpus =
                workers.stream()
                        .map(Patient.WorkerState::cpu)
                        .filter(Objects::nonNull)
                        .distinct()
                        .count();
        if (workers.size() > 1 && cpus < workers.size()) {
            findings.accept(
                    Finding.warning(
                            SUBJECT,
                            workers.size()
                                    + " take turns on "
                                    + cpus
                                    + (cpus == 1 ? " CPU" : " CPUs")
                                    + ", so packets wait for other workers",
                            "weir run --workers " + Math.max(1, cpus)));
        }
        String budget = patient.proc("sys/kernel/sched_rt_runtime_us");
        if (workers.stream().anyMatch(Patient.WorkerState::realTime)
                && budget != null
                && budget.strip().equals("-1")) {
            findings.accept(
                    Finding.warning(
                            SUBJECT,
                            "go before everybody else, and this kernel holds no real-time thread"
                                    + " that does not stop",
                            "sysctl -w kernel.sched_rt_runtime_us=950000"));
        }
        boolean timeLeft = true;
        for (int i = 0; i < workers.size(); i++) {
            double share = workers.get(i).busyShare();
            if (share >= NEARLY_ALL) {
                timeLeft = false;
                findings.accept(busy(i, share));
            }
        }
        if (timeLeft && !workers.isEmpty()) {
            findings.accept(Finding.fine(SUBJECT, "have time left"));
        }
    }

    private static Finding busy(int number, double share) {
        return Finding.warning(
                SUBJECT,
                "worker "
                        + number
                        + " works "
                        + Math.round(share * 100)
                        + " % of its time, so frames wait and may be lost",
                "more workers, if there are CPUs for them and more than a few clients");
    }
}
