package io.weir.control.heartbeat;

/** Why a datagram is no heartbeat of the partner. */
enum Refusal {
    /** Neither of the partner's addresses has sent it. */
    UNKNOWN_SENDER("unknown sender"),

    /** Neither form of a heartbeat. */
    MALFORMED("not a heartbeat"),

    /** A heartbeat of pulse's other service, fos, or one that weir has no use for. */
    INCOMPATIBLE("incompatible heartbeat"),

    /** Authenticated, but this router has no key. */
    UNEXPECTED("authenticated, but this router has no key"),

    /** Not authenticated, but this router has a key. */
    UNAUTHENTICATED("not authenticated"),

    /** Its authentication code is not that of the key. */
    FORGED("wrong key"),

    /** It has this router's own role: a reflection, or two routers configured as the same one. */
    OWN_ROLE("has this router's own role"),

    /** The copy that came by the other path, or news from just before the last: nothing wrong. */
    LATE("late"),

    /** Older than those that may be late. */
    REPLAYED("replayed"),

    /** It does not answer what this router said: of an earlier life, or the first of a new one. */
    UNPROVEN("does not prove to be new");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
