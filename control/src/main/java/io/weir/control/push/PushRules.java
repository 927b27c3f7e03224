package io.weir.control.push;

/** Which of two configurations goes on, by their serial numbers. */
final class PushRules {
    private PushRules() {}

    /** What becomes of a configuration that the partner offers. */
    enum Decision {
        /** It takes the place of the one here. */
        TAKE,

        /** It is the one here. */
        SAME,

        /** The one here is newer. */
        OLDER,

        /** Both count as the same, but differ: both routers were changed. */
        DIFFERENT
    }

    /**
     * Decides.
     *
     * @param held the one here
     * @param offered the partner's
     * @param force take whatever is offered
     */
    static Decision decide(
            ConfigurationStore.Held held, ConfigurationStore.Held offered, boolean force) {
        if (held.text().equals(offered.text())) {
            return Decision.SAME;
        }
        if (force || offered.serial() > held.serial()) {
            return Decision.TAKE;
        }
        return offered.serial() < held.serial() ? Decision.OLDER : Decision.DIFFERENT;
    }
}
