package io.weir.control.check.probe;

/**
 * What a check found out.
 *
 * @param detail what it saw, one line for a person
 * @param weight the weight that a check program demands; {@link #NO_WEIGHT} otherwise
 */
public record ProbeResult(boolean passed, String detail, int weight) {
    public static final int NO_WEIGHT = -1;

    public static ProbeResult passed(String detail) {
        return new ProbeResult(true, detail, NO_WEIGHT);
    }

    public static ProbeResult failed(String detail) {
        return new ProbeResult(false, detail, NO_WEIGHT);
    }
}
