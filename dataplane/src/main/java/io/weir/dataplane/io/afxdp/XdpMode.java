package io.weir.dataplane.io.afxdp;

/** Where in the kernel the program sees frames. */
public enum XdpMode {
    /** In the driver, before there are socket buffers. */
    NATIVE(1 << 2, "native"),

    /** Behind the driver, in socket buffers; works with every interface. */
    GENERIC(1 << 1, "skb");

    private final int flag;
    private final String word;

    XdpMode(int flag, String word) {
        this.flag = flag;
        this.word = word;
    }

    /** XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE of linux/if_link.h. */
    int flag() {
        return flag;
    }

    /**
     * Whether the program sees long frames in parts. Behind the driver Linux would make socket
     * buffers of these that lack the length of the link header, which the programs at the ingress
     * go by; so there they are made one piece.
     */
    boolean parts() {
        return this == NATIVE;
    }

    /** As operators know it. */
    String word() {
        return word;
    }
}
