/** Runs the packets' way before there are packets, so that the first finds it compiled. */
@NullMarked
package io.weir.control.warmup;

import org.jspecify.annotations.NullMarked;
