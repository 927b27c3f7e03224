package io.weir.control.keeper;

import java.util.Locale;

/** How a virtual service is off. */
public enum ServiceState {
    /** No check has said anything yet. */
    UNKNOWN,

    /** As many servers are in service as it takes. */
    UP,

    /** Fewer than that, and the sorry server stands in. */
    SORRY,

    /** Fewer than that, and there is no sorry server. */
    DEGRADED,

    /** None, and there is no sorry server. */
    DOWN;

    /** Its name for people. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
