package io.weir.control.sysctl;

/**
 * The name of a setting, as sysctl(8) takes it: with dots or slashes between its parts, maybe with
 * /proc/sys/ before it; and, as there is but one directory here, without the directory.
 */
public final class SettingName {
    /** The directory of all settings of IPVS. */
    public static final String DIRECTORY = "net.ipv4.vs";

    private static final String PREFIX = DIRECTORY + '.';
    private static final String MOUNT = "/proc/sys/";

    private SettingName() {}

    /** The name with dots between its parts. */
    static String dotted(String name) {
        String path = name.startsWith(MOUNT) ? name.substring(MOUNT.length()) : name;
        int slash = path.indexOf('/');
        int dot = path.indexOf('.');
        // As in sysctl.conf(5): the first separator is the one that separates.
        return slash >= 0 && (dot < 0 || slash < dot) ? path.replace('/', '.') : path;
    }

    /** Tells whether a name is not one of net.ipv4.vs. */
    public static boolean isForeign(String name) {
        String dotted = dotted(name);
        return dotted.indexOf('.') >= 0 && !dotted.startsWith(PREFIX) && !dotted.equals(DIRECTORY);
    }

    /** The name below net.ipv4.vs; one that {@link #isForeign} comes back whole. */
    public static String local(String name) {
        String dotted = dotted(name);
        return dotted.startsWith(PREFIX) ? dotted.substring(PREFIX.length()) : dotted;
    }

    /** The whole name of a setting of net.ipv4.vs. */
    public static String whole(String local) {
        return PREFIX + local;
    }
}
