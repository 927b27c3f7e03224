package io.weir.control.config;

import org.jspecify.annotations.Nullable;

/**
 * The active router tells the other one its connections, by IPVS's own protocol.
 *
 * @param device the interface where it does
 * @param syncId the number that both routers share, 0 to 255; a standby router with 0 takes any
 * @param instance the virtual router whose state decides who tells, null for any or for a heartbeat
 */
public record ConnectionSyncConfig(String device, int syncId, @Nullable String instance) {}
