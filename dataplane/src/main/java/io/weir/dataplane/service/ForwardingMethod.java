package io.weir.dataplane.service;

/** How packets get to a real server; the codes are those of the kernel and of its sync protocol. */
public enum ForwardingMethod {
    /** Address translation in both directions (-m). */
    MASQUERADE(0, "Masq", "-m"),
    /** The real server is the balancer itself. */
    LOCAL(1, "Local", "-g"),
    /** Encapsulation (-i). */
    TUNNEL(2, "Tunnel", "-i"),
    /** By Ethernet address, the IP packet left as it is (-g). */
    ROUTE(3, "Route", "-g"),
    /** On to the original destination, as a cache does that has no server left. */
    BYPASS(4, "Bypass", "-g");

    private final int code;
    private final String label;
    private final String option;

    ForwardingMethod(int code, String label, String option) {
        this.code = code;
        this.label = label;
        this.option = option;
    }

    public int code() {
        return code;
    }

    /** The word in ipvsadm's Forward column. */
    public String label() {
        return label;
    }

    /** The option of ipvsadm that asks for it. */
    public String option() {
        return option;
    }
}
