package io.weir.control.vrrp;

/** Why a packet was not taken; each is counted. */
enum Refusal {
    /** Its length is not what its count of addresses makes it. */
    LENGTH("length", "its length does not fit its count of addresses"),

    /** RFC 9568 §7.1: it has come through a router, or was made up by somebody beyond one. */
    HOP_LIMIT("hop-limit", "its TTL is not 255, so it does not come from this network"),

    /** Not an advertisement, of which alone the protocol consists. */
    TYPE("type", "it is no advertisement"),

    VERSION("version", "it is of the other version; set both routers to one"),

    /** No virtual router of that number is on the interface. */
    ROUTER_ID("router-id", "no virtual router has its number"),

    CHECKSUM("checksum", "its checksum is wrong"),

    /** It lists no address. */
    NO_ADDRESS("no-address", "it lists no address"),

    /** Password wanted and not there, the other way round, or another kind of authentication. */
    AUTHENTICATION(
            "authentication", "it is not authenticated as configured; set both routers alike"),

    PASSWORD("password", "its password is another"),

    /** RFC 3768 §7.1: the interval is not the configured one; in version 3, it is 0. */
    INTERVAL("interval", "its interval is another; set both routers to one"),

    /** To another address than the routers of this one's kind are spoken to. */
    DESTINATION(
            "destination", "it is multicast and peers are configured here, or the other way round"),

    /** From a router that is none of the configured peers. */
    NOT_A_PEER("not-a-peer", "it comes from none of the configured peers"),

    /** From the address this router itself speaks from. */
    OWN_SOURCE(
            "own-source",
            "it has this router's own source address; look for a loop, or for another host with"
                    + " it"),

    /**
     * Not one of its addresses is one of this virtual router's: it is another one with the same
     * number, by mistake or by malice.
     */
    STRANGER(
            "stranger",
            "it lists none of the addresses here; another virtual router uses the same number,"
                    + " change one");

    private final String text;
    private final String explanation;

    Refusal(String text, String explanation) {
        this.text = text;
        this.explanation = explanation;
    }

    /** The word by which it is shown. */
    String text() {
        return text;
    }

    /** What is wrong with the packet, and where it can be told, what to do. */
    String explanation() {
        return explanation;
    }
}
