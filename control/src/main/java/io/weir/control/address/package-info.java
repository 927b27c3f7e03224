/**
 * Floating addresses on the host's interfaces, and their announcement to the neighbours.
 *
 * <p>What is held and when it is renewed and announced is decided without a kernel; {@link
 * io.weir.control.address.NetlinkAddressHolder} adds the kernel, the clock and a thread.
 */
@NullMarked
package io.weir.control.address;

import org.jspecify.annotations.NullMarked;
