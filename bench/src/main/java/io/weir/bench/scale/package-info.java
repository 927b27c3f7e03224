/**
 * How costs grow with the number of connections, services and real servers, in memory on one
 * thread.
 */
@NullMarked
package io.weir.bench.scale;

import org.jspecify.annotations.NullMarked;
