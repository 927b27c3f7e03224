/**
 * {@code weir lab failover}: two routers in network namespaces, traffic through whichever is
 * active, and what the clients notice when routers die, lose their link or are taken out of
 * service.
 */
@NullMarked
package io.weir.control.lab.failover;

import org.jspecify.annotations.NullMarked;
