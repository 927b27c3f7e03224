/**
 * Firewall marks: the rules that give packets a mark, as iptables' MARK target does in the chain
 * PREROUTING of the table mangle, and the table the worker looks them up in.
 *
 * <p>Rules and tables are immutable. Any thread makes a table; the worker gets it by a command and
 * asks it for each packet, without allocating.
 */
@NullMarked
package io.weir.dataplane.mark;

import org.jspecify.annotations.NullMarked;
