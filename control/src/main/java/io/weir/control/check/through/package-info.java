/**
 * Checks sent to a virtual address by the forwarding method of one chosen real server.
 *
 * <p>The host cannot send such packets itself, since the virtual address is its own. So each pair
 * of a virtual address and a server gets an alias, an address that leads to a tun device of this
 * process; checks are made to the alias by ordinary sockets. One thread puts the virtual address
 * and an address of the host into their packets and sends them to the server, and turns the
 * answers, which the host takes for martians, back.
 */
@NullMarked
package io.weir.control.check.through;

import org.jspecify.annotations.NullMarked;
