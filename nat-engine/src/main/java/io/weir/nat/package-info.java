/**
 * Forwarding by network address translation: addresses, ports and checksums are rewritten both
 * ways.
 *
 * <p>Everything runs on the worker thread that owns the frame.
 */
@NullMarked
package io.weir.nat;

import org.jspecify.annotations.NullMarked;
