package io.weir.control.lvscf;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** The kinds of blocks, and which may stand in which. */
enum BlockKind {
    GLOBAL("", "at the top"),
    VIRTUAL("virtual", "in a virtual block"),
    FAILOVER("failover", "in a failover block"),
    SERVER("server", "in a server block"),
    CHECK("check", "in a check block"),
    VRRP("vrrp", "in a vrrp block"),
    SYNC_GROUP("vrrp_sync_group", "in a vrrp_sync_group block");

    private final String word;
    private final String place;

    BlockKind(String word, String place) {
        this.word = word;
        this.place = place;
    }

    /** Where it is, in words. */
    String place() {
        return place;
    }

    boolean holds(String block) {
        return inside().contains(block);
    }

    /** The words of the blocks that may stand in it. */
    List<String> inside() {
        return switch (this) {
            case GLOBAL -> List.of("failover", "virtual", "vrrp", "vrrp_sync_group");
            case VIRTUAL, FAILOVER -> List.of("server", "check");
            case SERVER -> List.of("check");
            case CHECK, VRRP, SYNC_GROUP -> List.of();
        };
    }

    static boolean isBlock(String word) {
        return of(word) != null;
    }

    /** The kind of block that begins with a word, null for none. */
    static @Nullable BlockKind of(String word) {
        for (BlockKind kind : values()) {
            if (kind != GLOBAL && kind.word.equals(word)) {
                return kind;
            }
        }
        return null;
    }
}
