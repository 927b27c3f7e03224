/**
 * Finds the headers of a frame and refuses what is malformed; after it nobody need check a length
 * again.
 *
 * <p>Runs on the worker thread, allocates nothing.
 */
@NullMarked
package io.weir.dataplane.parse;

import org.jspecify.annotations.NullMarked;
