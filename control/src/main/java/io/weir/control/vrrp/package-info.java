/**
 * The Virtual Router Redundancy Protocol, version 2 (RFC 3768) and version 3 (RFC 9568).
 *
 * <p>Three layers. Packets: {@link io.weir.control.vrrp.AdvertisementWriter} and {@link
 * io.weir.control.vrrp.AdvertisementReader} turn them into values and back, without state. The
 * state machine: {@link io.weir.control.vrrp.VirtualRouters} and what it holds is told the time and
 * what arrived, and says through {@link io.weir.control.vrrp.RouterActions} what is to be done; the
 * tests run it in simulated time. The machine's own: {@link io.weir.control.vrrp.FailoverThread}
 * with its sockets.
 */
@NullMarked
package io.weir.control.vrrp;

import org.jspecify.annotations.NullMarked;
