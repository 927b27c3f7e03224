/**
 * Packet ports on live interfaces of Linux, through AF_PACKET sockets.
 *
 * <p>A port has one socket for each direction: a memory-mapped ring that the kernel fills, and
 * batches of messages that point straight into that ring. Each class belongs to the worker that
 * owns the port unless its documentation says otherwise. AF_XDP, once it comes, is a package beside
 * this one.
 */
@NullMarked
package io.weir.dataplane.io.afpacket;

import org.jspecify.annotations.NullMarked;
