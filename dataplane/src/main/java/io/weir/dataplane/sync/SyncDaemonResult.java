package io.weir.dataplane.sync;

/** What became of the start or stop of a synchronisation daemon. */
public enum SyncDaemonResult {
    DONE,
    /** EEXIST: a daemon of this role runs. */
    ALREADY_RUNNING,
    /** ESRCH: none runs. */
    NOT_RUNNING,
    /** ENODEV: no such interface. */
    NO_INTERFACE,
    /**
     * EINVAL: a service has a server of the other family; neither version of the protocol has a
     * word for its connections.
     */
    MIXED_FAMILIES,
    /** The host refuses its sockets: rights, addresses of the family, memory. */
    NO_SOCKETS,
    /** EOPNOTSUPP: this balancer has no network to synchronise over. */
    NOT_SUPPORTED
}
