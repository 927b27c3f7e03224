package io.weir.control.config;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * An address that the active router puts on one of its interfaces and takes away again.
 *
 * @param device the interface, without an alias
 * @param label the alias by which ifconfig shows an IPv4 address, as "eth0:1"; null for none
 */
public record FloatingAddress(
        IpAddress address, int prefixLength, String device, @Nullable String label) {}
