package io.weir.dataplane.service;

/** The values of the {@link Sysctl}s. Owned by the worker. */
public final class Sysctls {
    private final int[] values = new int[Sysctl.values().length];

    public Sysctls() {
        for (Sysctl sysctl : Sysctl.values()) {
            values[sysctl.ordinal()] = sysctl.defaultValue();
        }
    }

    public int get(Sysctl sysctl) {
        return values[sysctl.ordinal()];
    }

    public boolean on(Sysctl sysctl) {
        return get(sysctl) != 0;
    }

    /**
     * Sets a value.
     *
     * @return false, and nothing set, if the value is out of its range
     */
    public boolean set(Sysctl sysctl, int value) {
        if (!sysctl.accepts(value)) {
            return false;
        }
        values[sysctl.ordinal()] = value;
        return true;
    }
}
