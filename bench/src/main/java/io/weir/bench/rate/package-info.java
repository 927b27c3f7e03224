/**
 * What a forwarded packet costs in processor time: sources that send small packets faster than a
 * balancer takes them, a counter where they arrive, and the run time the scheduler charges to the
 * threads between.
 *
 * <p>Everything happens in network namespaces that the caller made. Linux and root only.
 */
@NullMarked
package io.weir.bench.rate;

import org.jspecify.annotations.NullMarked;
