package io.weir.control.ipvsadm;

/**
 * What a command may be given, by the name in messages. Several {@link Switch}es can stand for one
 * option, as -t and -u do. The order is that in which ipvsadm finds fault.
 */
enum Option {
    NUMERIC("numeric"),
    CONNECTION("connection"),
    SERVICE("service-address"),
    SCHEDULER("scheduler"),
    PERSISTENT("persistent"),
    NETMASK("netmask"),
    SERVER("real-server"),
    FORWARDING("forwarding-method"),
    WEIGHT("weight"),
    UPPER_THRESHOLD("u-threshold"),
    LOWER_THRESHOLD("l-threshold"),
    MCAST_INTERFACE("mcast-interface"),
    TIMEOUT("timeout"),
    DAEMON("daemon"),
    STATS("stats"),
    RATE("rate"),
    THRESHOLDS("thresholds"),
    PERSISTENT_CONN("persistent-conn"),
    NOSORT("nosort"),
    SYNC_ID("syncid"),
    EXACT("exact"),
    ONE_PACKET("ops"),
    PERSISTENCE_ENGINE("pe"),
    SCHEDULER_FLAGS("sched-flags"),
    MCAST_GROUP("mcast-group"),
    MCAST_PORT("mcast-port"),
    MCAST_TTL("mcast-ttl"),
    SYNC_MAXLEN("sync-maxlen"),
    TUN_INFO("tun-info"),
    TUN_TYPE("tun-type"),
    TUN_PORT("tun-port"),
    TUN_NOCSUM("tun-nocsum"),
    TUN_CSUM("tun-csum"),
    TUN_REMCSUM("tun-remcsum"),
    /** Weir's own: a restore that happens as a whole or not at all. */
    ATOMIC("atomic");

    private final String label;

    Option(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
