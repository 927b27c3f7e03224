/**
 * Bytes of Ethernet frames in arrays, for whoever makes or reads a few of them outside a worker.
 */
@NullMarked
package io.weir.control.frame;

import org.jspecify.annotations.NullMarked;
