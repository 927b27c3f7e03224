package io.weir.dataplane.sync;

import org.jspecify.annotations.Nullable;

/** What a synchronisation daemon does; one of each may run. */
public enum SyncRole {
    /** Sends what this balancer's connections do. */
    MASTER("master"),
    /** Receives what another one's do. */
    BACKUP("backup");

    private final String word;

    SyncRole(String word) {
        this.word = word;
    }

    /** Its name on ipvsadm's command line and in its listings. */
    public String word() {
        return word;
    }

    /** The role of a name, or null. */
    public static @Nullable SyncRole named(String word) {
        for (SyncRole role : values()) {
            if (role.word.equals(word)) {
                return role;
            }
        }
        return null;
    }
}
