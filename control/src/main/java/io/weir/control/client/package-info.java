/**
 * The command line's side of the control socket: finds the daemon of its network namespace, sends
 * one request, prints the answer.
 *
 * <p>Scripts call ipvsadm hundreds of times, so this package uses the JDK alone and as few of its
 * classes as it can: no lambdas, no formatting, no regular expressions, no other package of weir.
 * One thread, blocking calls.
 */
@NullMarked
package io.weir.control.client;

import org.jspecify.annotations.NullMarked;
