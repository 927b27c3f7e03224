package io.weir.dataplane.net;

/**
 * A network interface.
 *
 * @param index the kernel's interface index, or a number of the owner's choice without a kernel
 * @param name its name
 * @param mac its Ethernet address in the low 48 bits
 * @param mtu the largest IP packet in bytes
 * @param up administratively up and with carrier
 * @param ethernet an Ethernet link (ARPHRD_ETHER) that is not a loopback
 */
public record Link(int index, String name, long mac, int mtu, boolean up, boolean ethernet) {}
