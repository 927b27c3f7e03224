/**
 * The Linux kernel's view of the network, by rtnetlink(7): read once, then followed.
 *
 * <p>Decoding is pure and knows nothing of sockets. A {@link
 * io.weir.dataplane.net.netlink.NetlinkMonitor} has one thread of its own, on which its listener is
 * called.
 */
@NullMarked
package io.weir.dataplane.net.netlink;

import org.jspecify.annotations.NullMarked;
