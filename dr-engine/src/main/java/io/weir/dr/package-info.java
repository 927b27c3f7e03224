/**
 * Forwarding where the real server answers the client itself: direct routing, in which the frame
 * only gets the server's Ethernet address, and tunnels: IP in IP, GRE and GUE.
 *
 * <p>Everything runs on the worker thread that owns the frame.
 */
@NullMarked
package io.weir.dr;

import org.jspecify.annotations.NullMarked;
