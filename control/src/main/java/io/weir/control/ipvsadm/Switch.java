package io.weir.control.ipvsadm;

import org.jspecify.annotations.Nullable;

/** What can stand on the command line with one dash and a letter or two dashes and a name. */
enum Switch {
    ADD_SERVICE("add-service", 'A', Command.ADD_SERVICE),
    EDIT_SERVICE("edit-service", 'E', Command.EDIT_SERVICE),
    DELETE_SERVICE("delete-service", 'D', Command.DELETE_SERVICE),
    CLEAR("clear", 'C', Command.CLEAR),
    LIST("list", 'L', Command.LIST),
    LIST_TOO("list", 'l', Command.LIST),
    ZERO("zero", 'Z', Command.ZERO),
    ADD_SERVER("add-server", 'a', Command.ADD_SERVER),
    EDIT_SERVER("edit-server", 'e', Command.EDIT_SERVER),
    DELETE_SERVER("delete-server", 'd', Command.DELETE_SERVER),
    SET("set", Switch.NO_LETTER, Command.SET),
    START_DAEMON("start-daemon", Switch.NO_LETTER, Arity.ONE, Command.START_DAEMON, null),
    STOP_DAEMON("stop-daemon", Switch.NO_LETTER, Arity.ONE, Command.STOP_DAEMON, null),
    RESTORE("restore", 'R', Command.RESTORE),
    SAVE("save", 'S', Command.SAVE),
    HELP("help", 'h', Command.HELP),
    VERSION("version", 'v', Command.VERSION),
    TCP_SERVICE("tcp-service", 't', Arity.ONE, Option.SERVICE),
    UDP_SERVICE("udp-service", 'u', Arity.ONE, Option.SERVICE),
    SCTP_SERVICE("sctp-service", Switch.NO_LETTER, Arity.ONE, Option.SERVICE),
    FWMARK_SERVICE("fwmark-service", 'f', Arity.ONE, Option.SERVICE),
    SCHEDULER("scheduler", 's', Arity.ONE, Option.SCHEDULER),
    PERSISTENT("persistent", 'p', Arity.OPTIONAL, Option.PERSISTENT),
    NETMASK("netmask", 'M', Arity.ONE, Option.NETMASK),
    REAL_SERVER("real-server", 'r', Arity.ONE, Option.SERVER),
    MASQUERADING("masquerading", 'm', Arity.NONE, Option.FORWARDING),
    IPIP("ipip", 'i', Arity.NONE, Option.FORWARDING),
    GATEWAYING("gatewaying", 'g', Arity.NONE, Option.FORWARDING),
    WEIGHT("weight", 'w', Arity.ONE, Option.WEIGHT),
    UPPER_THRESHOLD("u-threshold", 'x', Arity.ONE, Option.UPPER_THRESHOLD),
    LOWER_THRESHOLD("l-threshold", 'y', Arity.ONE, Option.LOWER_THRESHOLD),
    NUMERIC("numeric", 'n', Arity.NONE, Option.NUMERIC),
    CONNECTION("connection", 'c', Arity.NONE, Option.CONNECTION),
    MCAST_INTERFACE("mcast-interface", Switch.NO_LETTER, Arity.ONE, Option.MCAST_INTERFACE),
    SYNC_ID("syncid", Switch.NO_LETTER, Arity.ONE, Option.SYNC_ID),
    TIMEOUT("timeout", Switch.NO_LETTER, Arity.NONE, Option.TIMEOUT),
    DAEMON("daemon", Switch.NO_LETTER, Arity.NONE, Option.DAEMON),
    STATS("stats", Switch.NO_LETTER, Arity.NONE, Option.STATS),
    RATE("rate", Switch.NO_LETTER, Arity.NONE, Option.RATE),
    THRESHOLDS("thresholds", Switch.NO_LETTER, Arity.NONE, Option.THRESHOLDS),
    PERSISTENT_CONN("persistent-conn", Switch.NO_LETTER, Arity.NONE, Option.PERSISTENT_CONN),
    NOSORT("nosort", Switch.NO_LETTER, Arity.NONE, Option.NOSORT),
    /** Sorting is what a listing does anyway, so this one counts as nothing. */
    SORT("sort", Switch.NO_LETTER, Arity.NONE, null, null),
    EXACT("exact", 'X', Arity.NONE, Option.EXACT),
    IPV6("ipv6", '6', Arity.NONE, null, null),
    ONE_PACKET("ops", 'o', Arity.NONE, Option.ONE_PACKET),
    PERSISTENCE_ENGINE("pe", Switch.NO_LETTER, Arity.ONE, Option.PERSISTENCE_ENGINE),
    SCHEDULER_FLAGS("sched-flags", 'b', Arity.ONE, Option.SCHEDULER_FLAGS),
    TUN_INFO("tun-info", Switch.NO_LETTER, Arity.NONE, Option.TUN_INFO),
    TUN_TYPE("tun-type", Switch.NO_LETTER, Arity.ONE, Option.TUN_TYPE),
    TUN_PORT("tun-port", Switch.NO_LETTER, Arity.ONE, Option.TUN_PORT),
    TUN_NOCSUM("tun-nocsum", Switch.NO_LETTER, Arity.NONE, Option.TUN_NOCSUM),
    TUN_CSUM("tun-csum", Switch.NO_LETTER, Arity.NONE, Option.TUN_CSUM),
    TUN_REMCSUM("tun-remcsum", Switch.NO_LETTER, Arity.NONE, Option.TUN_REMCSUM),
    SYNC_MAXLEN("sync-maxlen", Switch.NO_LETTER, Arity.ONE, Option.SYNC_MAXLEN),
    MCAST_GROUP("mcast-group", Switch.NO_LETTER, Arity.ONE, Option.MCAST_GROUP),
    MCAST_PORT("mcast-port", Switch.NO_LETTER, Arity.ONE, Option.MCAST_PORT),
    MCAST_TTL("mcast-ttl", Switch.NO_LETTER, Arity.ONE, Option.MCAST_TTL),
    ATOMIC("atomic", Switch.NO_LETTER, Arity.NONE, Option.ATOMIC);

    /** How many arguments follow. */
    enum Arity {
        NONE,
        ONE,
        /** One, unless what follows begins with a dash or nothing does. */
        OPTIONAL
    }

    private static final char NO_LETTER = 0;

    private final String longName;
    private final char letter;
    private final Arity arity;
    private final @Nullable Command command;
    private final @Nullable Option option;

    Switch(String longName, char letter, Command command) {
        this(longName, letter, Arity.NONE, command, null);
    }

    Switch(String longName, char letter, Arity arity, Option option) {
        this(longName, letter, arity, null, option);
    }

    Switch(
            String longName,
            char letter,
            Arity arity,
            @Nullable Command command,
            @Nullable Option option) {
        this.longName = longName;
        this.letter = letter;
        this.arity = arity;
        this.command = command;
        this.option = option;
    }

    /** The switch with that letter, or null. */
    static @Nullable Switch ofLetter(char letter) {
        for (Switch candidate : values()) {
            if (candidate.letter == letter && letter != NO_LETTER) {
                return candidate;
            }
        }
        return null;
    }

    /** The switch with that name, which cannot be shortened; or null. */
    static @Nullable Switch ofName(String name) {
        for (Switch candidate : values()) {
            if (candidate.longName.equals(name)) {
                return candidate;
            }
        }
        return null;
    }

    Arity arity() {
        return arity;
    }

    /** The command it stands for, or null. */
    @Nullable Command command() {
        return command;
    }

    /** The option it counts as, or null. */
    @Nullable Option option() {
        return option;
    }
}
