/**
 * Capture files: pcap with microseconds or nanoseconds, and pcapng.
 *
 * <p>Files are read and written as streams, one frame in memory at a time, and are never trusted:
 * what is wrong with one is told in a single line with the file and the offset. A reader or writer
 * belongs to one thread.
 */
@NullMarked
package io.weir.dataplane.io.pcap;

import org.jspecify.annotations.NullMarked;
