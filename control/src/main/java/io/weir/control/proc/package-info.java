/**
 * The texts that the kernel's IPVS shows in /proc/net, made of a running balancer, for programs
 * that read those files.
 *
 * <p>Written line by line into whatever the caller gives, so that a table of a million connections
 * is never in memory. A text belongs to the thread that writes it.
 */
@NullMarked
package io.weir.control.proc;

import org.jspecify.annotations.NullMarked;
