/**
 * Packet ports: where frames come from and go to.
 *
 * <p>A port belongs to one worker thread from its first {@code receive} to its {@code close}.
 */
@NullMarked
package io.weir.dataplane.io;

import org.jspecify.annotations.NullMarked;
