package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ServiceSettings;

import java.util.ArrayList;
import java.util.List;

/** The names of a scheduler's flags: flag-1 to flag-3, for sh and mh also names with a meaning. */
final class SchedulerFlags {
    private static final int[] BITS = {
        ServiceSettings.FLAG_1, ServiceSettings.FLAG_2, ServiceSettings.FLAG_3
    };
    private static final List<String> MEANINGS = List.of("-fallback", "-port");
    private static final List<String> OWNERS = List.of("sh", "mh");

    private SchedulerFlags() {}

    /** Reads names separated by commas. */
    static int parse(String text, String scheduler) throws UsageException {
        int flags = 0;
        for (String name : text.split(",", -1)) {
            if (!name.isEmpty()) {
                flags |= bit(name, scheduler);
            }
        }
        if (flags == 0 && !text.isEmpty()) {
            throw UsageException.fault("invalid scheduler flag `" + text + "'");
        }
        return flags;
    }

    private static int bit(String name, String scheduler) throws UsageException {
        for (int i = 0; i < BITS.length; i++) {
            if (name.equals("flag-" + (i + 1))) {
                return BITS[i];
            }
        }
        for (int i = 0; i < MEANINGS.size(); i++) {
            for (String owner : OWNERS) {
                if (name.equals(owner + MEANINGS.get(i))) {
                    if (!scheduler.equals(owner)) {
                        throw UsageException.fault("incompatible scheduler flag `" + name + "'");
                    }
                    return BITS[i];
                }
            }
        }
        throw UsageException.fault("invalid scheduler flag `" + name + "'");
    }

    /**
     * The names as a listing shows them, separated by commas; sh and mh have no third flag, and
     * ipvsadm hides it if it is set all the same.
     */
    static String shown(int flags, String scheduler) {
        int hidden = OWNERS.contains(scheduler) ? ServiceSettings.FLAG_3 : 0;
        return complete(flags & ~hidden, scheduler);
    }

    /** The names of all flags, separated by commas, so that {@link #parse} brings them back. */
    static String complete(int flags, String scheduler) {
        List<String> names = new ArrayList<>(BITS.length);
        for (int i = 0; i < BITS.length; i++) {
            if ((flags & BITS[i]) != 0) {
                boolean meaning = i < MEANINGS.size() && OWNERS.contains(scheduler);
                names.add(meaning ? scheduler + MEANINGS.get(i) : "flag-" + (i + 1));
            }
        }
        return String.join(",", names);
    }
}
