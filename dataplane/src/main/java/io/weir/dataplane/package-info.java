/**
 * The packet path: everything between a frame received and a frame sent.
 *
 * <p>A worker thread owns its ports, its connection table and its frames; other threads send it
 * commands and read published snapshots and counters. The sub-packages own packet memory, headers,
 * tables, ports and the loop; the interfaces that schedulers and forwarders implement are here too.
 */
@NullMarked
package io.weir.dataplane;

import org.jspecify.annotations.NullMarked;
