/**
 * Which connections that real servers open themselves go out behind another source address, as with
 * iptables' targets MASQUERADE and SNAT in the chain POSTROUTING of the table nat.
 *
 * <p>Rules and tables are immutable. Any thread makes a table; the worker gets it by a command and
 * asks it for packets without a connection, without allocating.
 */
@NullMarked
package io.weir.dataplane.masquerade;

import org.jspecify.annotations.NullMarked;
