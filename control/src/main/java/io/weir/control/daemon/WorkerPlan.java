package io.weir.control.daemon;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.sys.CpuAffinity;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;

/**
 * How many workers there are and where they run.
 *
 * @param workers how many
 * @param cpus the CPU of each, by its number, beginning again when there are more workers; empty to
 *     leave it to the kernel
 * @param priority what they are to other threads there
 */
public record WorkerPlan(int workers, List<Integer> cpus, WorkerPriority priority) {
    /** One worker, wherever the kernel lets it run. */
    public static final WorkerPlan ONE = new WorkerPlan(1, List.of(), WorkerPriority.NORMAL);

    private static final Logger LOG = System.getLogger("weir");

    public WorkerPlan {
        cpus = List.copyOf(cpus);
    }

    /**
     * Makes a plan of what an operator says.
     *
     * @param number of workers; 0 for one on each CPU
     * @param chosen the CPUs to use; empty for all that the process may use
     * @param priority what workers are to other threads
     * @throws SystemCallException if the kernel does not say which CPUs these are, or refuses the
     *     priority
     * @throws IllegalArgumentException in one line for the operator
     */
    public static WorkerPlan of(int number, List<Integer> chosen, WorkerPriority priority)
            throws SystemCallException {
        List<Integer> allowed = CpuAffinity.allowed();
        for (int cpu : chosen) {
            if (!allowed.contains(cpu)) {
                throw new IllegalArgumentException(
                        "--cpus: this process may not run on CPU "
                                + cpu
                                + ", only on "
                                + listed(allowed));
            }
        }
        List<Integer> cpus = chosen.isEmpty() ? allowed : chosen;
        int most = ClientSpread.MOST_WORKERS;
        if (number < 0 || number > most) {
            throw new IllegalArgumentException(
                    "--workers must be between 1 and " + most + ", or auto");
        }
        int workers = number == 0 ? Math.min(cpus.size(), most) : number;
        priority.check();
        return new WorkerPlan(
                workers, workers == 1 && chosen.isEmpty() ? List.of() : cpus, priority);
    }

    private static String listed(List<Integer> cpus) {
        return String.join(", ", cpus.stream().map(String::valueOf).toList());
    }

    /** Whether there is more than one. */
    boolean several() {
        return workers > 1;
    }

    /** Says if workers have to take turns on a CPU. */
    void warn() {
        int distinct = new HashSet<>(cpus).size();
        if (workers > 1 && workers > distinct) {
            LOG.log(
                    Level.WARNING,
                    workers
                            + " workers share "
                            + distinct
                            + (distinct == 1 ? " CPU" : " CPUs")
                            + "; more workers than CPUs make each packet slower");
        }
    }

    /** The CPU that a worker is kept on; null if the kernel chooses. */
    @Nullable Integer cpu(int worker) {
        return cpus.isEmpty() ? null : cpus.get(worker % cpus.size());
    }

    /** Gives the calling thread, a worker's, the CPU and the priority that the plan has for it. */
    void place(int worker) {
        Integer cpu = cpu(worker);
        try {
            if (cpu != null) {
                CpuAffinity.pin(cpu);
            }
            priority.take();
        } catch (SystemCallException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
    }

    /** As the start line has it, with a comma before it; empty for one worker like any thread. */
    String summary() {
        String kind = priority == WorkerPriority.NORMAL ? "" : priority + " ";
        if (workers == 1) {
            return kind.isEmpty() ? "" : ", a " + kind + "worker";
        }
        String where = listed(cpus.stream().limit(workers).toList());
        return ", " + workers + " " + kind + "workers on CPUs " + where;
    }
}
