package io.weir.dataplane.service;

/**
 * What became of a change of rules; each but DONE stands for the error number the kernel would
 * give.
 */
public enum RuleResult {
    DONE,
    /** EEXIST for a service. */
    SERVICE_EXISTS,
    /** ESRCH: no such service. */
    NO_SERVICE,
    /** EEXIST for a server. */
    SERVER_EXISTS,
    /** ENOENT for a server. */
    NO_SERVER,
    /** ENOENT for the scheduler or persistence engine. */
    NO_SCHEDULER,
    /** EINVAL: the address is not unicast, the mask or weight is out of range. */
    INVALID,
    /** EAFNOSUPPORT or EOPNOTSUPP: the family, method or engine is not there. */
    NOT_SUPPORTED,
    /** ENOMEM: a limit on rules is reached. */
    TOO_MANY,
    /** ERANGE: the lower threshold is above the upper one, or the weight negative. */
    OUT_OF_RANGE,
    /**
     * Clients that share a template would be on different workers, which the kernel has none of.
     */
    NEEDS_ONE_WORKER
}
