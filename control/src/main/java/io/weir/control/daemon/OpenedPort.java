package io.weir.control.daemon;

/**
 * A port on an interface.
 *
 * @param io how it moves frames: af_packet, af_xdp
 * @param detail its mode, or why it is no other; empty if there is nothing to say
 */
record OpenedPort(CapturedInterfaces.InterfacePort port, String io, String detail) {}
