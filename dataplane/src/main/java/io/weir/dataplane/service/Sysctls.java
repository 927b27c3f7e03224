package io.weir.dataplane.service;

/** The values of the {@link Sysctl}s. Owned by the worker. */
public final class Sysctls {
    private final long[] values = new long[Sysctl.values().length];

    public Sysctls() {
        for (Sysctl sysctl : Sysctl.values()) {
            values[sysctl.ordinal()] = sysctl.defaultValue();
        }
    }

    /** The value of a setting that is a number. */
    public int get(Sysctl sysctl) {
        return (int) values[sysctl.ordinal()];
    }

    /** The value of any setting; see {@link Sysctl#isPair}. */
    public long value(Sysctl sysctl) {
        return values[sysctl.ordinal()];
    }

    /** The first number of {@link Sysctl#SYNC_THRESHOLD}. */
    public int syncThreshold() {
        return (int) (value(Sysctl.SYNC_THRESHOLD) >>> 32);
    }

    /** The second number of {@link Sysctl#SYNC_THRESHOLD}. */
    public int syncPeriod() {
        return (int) value(Sysctl.SYNC_THRESHOLD);
    }

    public boolean on(Sysctl sysctl) {
        return get(sysctl) != 0;
    }

    /**
     * Sets a value.
     *
     * @return false, and nothing set, if the value is out of its range
     */
    public boolean set(Sysctl sysctl, long value) {
        if (!sysctl.accepts(value)) {
            return false;
        }
        values[sysctl.ordinal()] = value;
        return true;
    }
}
