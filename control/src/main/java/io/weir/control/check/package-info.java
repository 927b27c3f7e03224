/**
 * Health checks of real servers and the measuring of their load.
 *
 * <p>Whether a server is up is decided by pure state machines that are told the time; probes run on
 * netty's event loops and report to them.
 */
@NullMarked
package io.weir.control.check;

import org.jspecify.annotations.NullMarked;
