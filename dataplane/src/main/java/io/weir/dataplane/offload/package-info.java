/**
 * Forwarding of known flows where their frames arrive, by a program in the kernel: the memory that
 * the program and the worker share.
 */
@NullMarked
package io.weir.dataplane.offload;

import org.jspecify.annotations.NullMarked;
