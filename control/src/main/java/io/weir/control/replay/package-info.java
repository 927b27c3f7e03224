/**
 * Replays recorded scenarios and captures through the very worker that handles live packets, under
 * a virtual clock, and writes down what comes out.
 *
 * <p>Single-threaded.
 */
@NullMarked
package io.weir.control.replay;

import org.jspecify.annotations.NullMarked;
