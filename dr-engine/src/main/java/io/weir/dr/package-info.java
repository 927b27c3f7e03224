/**
 * Forwarding by direct routing: the frame gets the MAC address of the real server and keeps its IP
 * addresses.
 *
 * <p>Everything runs on the worker thread that owns the frame.
 */
@NullMarked
package io.weir.dr;

import org.jspecify.annotations.NullMarked;
