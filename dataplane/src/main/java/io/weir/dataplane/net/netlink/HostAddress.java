package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * An address on an interface, as the kernel is asked to have it.
 *
 * @param linkIndex the interface
 * @param label the alias by which ifconfig shows an IPv4 address, up to 15 bytes; null for none
 */
public record HostAddress(
        int linkIndex, IpAddress address, int prefixLength, @Nullable String label) {}
