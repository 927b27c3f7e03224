/**
 * Puts datagrams together from fragments, in a fixed amount of memory and time, whatever a stranger
 * sends.
 *
 * <p>Owned by the worker thread; allocated once. Nothing here knows of services or connections, and
 * the time is passed in.
 */
@NullMarked
package io.weir.dataplane.fragment;

import org.jspecify.annotations.NullMarked;
