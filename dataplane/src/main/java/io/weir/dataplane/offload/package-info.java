/**
 * Forwarding of known flows, and refusal of a flood's SYNs, where their frames arrive, by programs
 * in the kernel: the memory that these and the worker share.
 */
@NullMarked
package io.weir.dataplane.offload;

import org.jspecify.annotations.NullMarked;
