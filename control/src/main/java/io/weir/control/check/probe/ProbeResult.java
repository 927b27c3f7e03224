package io.weir.control.check.probe;

/**
 * What a check found out.
 *
 * @param detail what it saw, one line for a person
 * @param weight the weight that a check program demands; {@link #NO_WEIGHT} otherwise
 */
public record ProbeResult(Verdict verdict, String detail, int weight) {
    public static final int NO_WEIGHT = -1;

    /** What a check says about the server. */
    public enum Verdict {
        PASSED,
        FAILED,

        /** Nothing: it could not be made, for a reason on this machine. */
        NOT_MADE
    }

    public static ProbeResult passed(String detail) {
        return passed(detail, NO_WEIGHT);
    }

    /** A pass that comes with the weight that the server is to have. */
    public static ProbeResult passed(String detail, int weight) {
        return new ProbeResult(Verdict.PASSED, detail, weight);
    }

    public static ProbeResult failed(String detail) {
        return new ProbeResult(Verdict.FAILED, detail, NO_WEIGHT);
    }

    public static ProbeResult notMade(String detail) {
        return new ProbeResult(Verdict.NOT_MADE, detail, NO_WEIGHT);
    }

    public boolean passed() {
        return verdict == Verdict.PASSED;
    }
}
