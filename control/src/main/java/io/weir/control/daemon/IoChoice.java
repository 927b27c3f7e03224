package io.weir.control.daemon;

import java.util.Locale;

/** How an operator wants frames to be moved. */
public enum IoChoice {
    /** By what suits each interface. */
    AUTO,

    /** By packet sockets. */
    AFPACKET,

    /** By AF_XDP, in the driver where it can. */
    AFXDP,

    /** By AF_XDP, behind the driver. */
    AFXDP_SKB;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
