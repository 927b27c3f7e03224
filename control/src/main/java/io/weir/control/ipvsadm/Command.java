package io.weir.control.ipvsadm;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What ipvsadm can be told to do. */
enum Command {
    ADD_SERVICE("add-service"),
    EDIT_SERVICE("edit-service"),
    DELETE_SERVICE("delete-service"),
    CLEAR("flush"),
    LIST("list"),
    ADD_SERVER("add-server"),
    EDIT_SERVER("edit-server"),
    DELETE_SERVER("delete-server"),
    SET("set"),
    START_DAEMON("start-daemon"),
    STOP_DAEMON("stop-daemon"),
    RESTORE("restore"),
    SAVE("save"),
    ZERO("zero"),
    HELP("help"),
    VERSION("version");

    private final String label;

    Command(String label) {
        this.label = label;
    }

    /** What it needs and allows. */
    Requirements requirements() {
        String subject = "'" + label + "' command";
        Set<Option> none = options();
        return switch (this) {
            case ADD_SERVICE, EDIT_SERVICE ->
                    new Requirements(subject, service(), serviceSettings(), none);
            case DELETE_SERVICE -> new Requirements(subject, service(), none, none);
            case LIST -> new Requirements(subject, none, listing(), listed());
            case ADD_SERVER, EDIT_SERVER ->
                    new Requirements(subject, server(), serverSettings(), none);
            case DELETE_SERVER -> new Requirements(subject, server(), none, none);
            case START_DAEMON -> new Requirements(subject, none, daemonSettings(), none);
            case STOP_DAEMON -> new Requirements(subject, none, options(Option.SYNC_ID), none);
            case RESTORE -> new Requirements(subject, none, options(Option.ATOMIC), none);
            case SAVE -> new Requirements(subject, none, options(Option.NUMERIC), none);
            case ZERO -> new Requirements(subject, none, service(), none);
            case CLEAR, SET, HELP, VERSION -> new Requirements(subject, none, none, none);
        };
    }

    private static Set<Option> options(Option... options) {
        Set<Option> set = EnumSet.noneOf(Option.class);
        set.addAll(Arrays.asList(options));
        return set;
    }

    private static Set<Option> service() {
        return options(Option.SERVICE);
    }

    private static Set<Option> serviceSettings() {
        return options(
                Option.SCHEDULER,
                Option.PERSISTENT,
                Option.NETMASK,
                Option.ONE_PACKET,
                Option.PERSISTENCE_ENGINE,
                Option.SCHEDULER_FLAGS);
    }

    private static Set<Option> server() {
        return options(Option.SERVICE, Option.SERVER);
    }

    private static Set<Option> serverSettings() {
        return options(
                Option.FORWARDING,
                Option.WEIGHT,
                Option.UPPER_THRESHOLD,
                Option.LOWER_THRESHOLD,
                Option.TUN_TYPE,
                Option.TUN_PORT,
                Option.TUN_NOCSUM,
                Option.TUN_CSUM,
                Option.TUN_REMCSUM);
    }

    // --syncid with a list has no meaning, but ipvsadm 1.31 takes it.
    private static Set<Option> listing() {
        return options(
                Option.NUMERIC,
                Option.STATS,
                Option.RATE,
                Option.THRESHOLDS,
                Option.PERSISTENT_CONN,
                Option.NOSORT,
                Option.SYNC_ID,
                Option.EXACT,
                Option.TUN_INFO);
    }

    private static Set<Option> listed() {
        return options(Option.CONNECTION, Option.SERVICE, Option.TIMEOUT, Option.DAEMON);
    }

    private static Set<Option> daemonSettings() {
        return options(
                Option.MCAST_INTERFACE,
                Option.SYNC_ID,
                Option.SYNC_MAXLEN,
                Option.MCAST_GROUP,
                Option.MCAST_PORT,
                Option.MCAST_TTL);
    }
}
