/**
 * Addresses, links, routes and neighbours: what the balancer knows of the network around it.
 *
 * <p>Records are immutable. Tables say in their documentation which thread owns them.
 */
@NullMarked
package io.weir.dataplane.net;

import org.jspecify.annotations.NullMarked;
