/** What a second worker costs the first: the packet path alone, on one core and on two. */
@NullMarked
package io.weir.bench.workers;

import org.jspecify.annotations.NullMarked;
