/**
 * The packet core of weir: frames, headers, checksums, the connection table, virtual services, the
 * worker loop, packet ports, and the two interfaces {@link io.weir.dataplane.spi.Scheduler} and
 * {@link io.weir.dataplane.spi.Forwarder} that algorithms and forwarding methods plug into.
 *
 * <p>One thread, the worker, owns everything that packets change. Other threads send it commands or
 * read what is documented as safe to read.
 */
@NullMarked
package io.weir.dataplane;

import org.jspecify.annotations.NullMarked;
