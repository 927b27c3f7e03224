/**
 * Ports without a kernel: two ends joined by queues in native memory, for tests, for running weir
 * inside another program, and for measuring without system calls.
 *
 * <p>Each queue has one thread that puts frames in and one that takes them out. A full queue
 * refuses frames; nothing grows.
 */
@NullMarked
package io.weir.dataplane.io.memory;

import org.jspecify.annotations.NullMarked;
