package io.weir.control.check;

/** Hears what checks find out; on a thread of the monitor's, one call at a time. */
public interface HealthListener {
    /**
     * A server's checks taken together have another result than before. A server that was not
     * watched before is {@link Health#UNKNOWN}; the first call for one without checks, or with a
     * health known from another process, comes with the watch that begins it.
     *
     * @param detail the check that decided and what it saw, one line
     */
    void healthChanged(ServerKey server, Health health, String detail);

    /**
     * A server was asked for its load and answered.
     *
     * @param load the average number of processes that want to run, as uptime's first number
     */
    void loadMeasured(ServerKey server, double load);

    /** A check program told the weight that the server is to have. */
    void weightDemanded(ServerKey server, int weight);
}
