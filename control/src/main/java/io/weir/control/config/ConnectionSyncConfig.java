package io.weir.control.config;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * The active router tells the other one its connections, by IPVS's own protocol.
 *
 * @param device the interface where it does
 * @param syncId the number that both routers share, 0 to 255; a standby router with 0 takes any
 * @param maxLength the longest message in bytes, 0 for what the interface's MTU holds
 * @param group the multicast group, null for IPVS's 224.0.0.81
 * @param port the UDP port, 0 for IPVS's 8848
 * @param ttl over how many hops it goes, 0 for one
 * @param instance the virtual router whose state decides who tells, null for any or for a heartbeat
 */
public record ConnectionSyncConfig(
        String device,
        int syncId,
        int maxLength,
        @Nullable IpAddress group,
        int port,
        int ttl,
        @Nullable String instance) {}
