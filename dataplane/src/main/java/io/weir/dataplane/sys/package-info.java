/**
 * System calls of Linux through java.lang.foreign; no native library of our own.
 *
 * <p>Nothing is linked before it is first called, so that the packet core loads on any operating
 * system. Calls return what the kernel itself returns: a result of 0 or more, or an error number
 * negated ({@link io.weir.dataplane.sys.Errno}). Stateless unless a class says otherwise; safe from
 * any thread.
 */
@NullMarked
package io.weir.dataplane.sys;

import org.jspecify.annotations.NullMarked;
