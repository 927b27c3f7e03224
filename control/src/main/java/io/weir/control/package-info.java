/**
 * The program: command line, daemon and API. It wires dataplane, schedulers and engines together.
 *
 * <p>Nothing here runs on a worker thread; the packet path is reached through commands and
 * published snapshots only.
 */
@NullMarked
package io.weir.control;

import org.jspecify.annotations.NullMarked;
