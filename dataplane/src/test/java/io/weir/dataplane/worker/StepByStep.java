package io.weir.dataplane.worker;

/** Workers without a fast path, to compare those with one to. */
public final class StepByStep {
    private StepByStep() {}

    /** Lets every packet of a worker take all steps of the pipeline from now on. */
    public static void only(Worker worker) {
        worker.pipeline().fastPath().leaveAllToTheSteps();
    }

    /** How many packets have taken the fast path of a worker. */
    public static long quick(Worker worker) {
        return worker.pipeline().fastPath().forwarded();
    }
}
