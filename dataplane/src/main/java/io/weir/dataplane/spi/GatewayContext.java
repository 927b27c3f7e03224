package io.weir.dataplane.spi;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.DropCounters;

/**
 * What an application gateway may use of its worker.
 *
 * @param connections to look at, not to change
 * @param expectations where it says which connections will come
 * @param drops where it counts what it drops
 */
public record GatewayContext(
        ConnectionTable connections, Expectations expectations, DropCounters drops) {}
