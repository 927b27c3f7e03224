/**
 * A packet port on libpcap, by way of Pcap4J, for systems on which the ports of {@code
 * io.weir.dataplane.io.afpacket} do not work.
 *
 * <p>It is a fallback: it allocates and makes a system call per packet, knows nothing of offloads,
 * and only listens, so that the host's own stack sees every packet too. The library is an optional
 * dependency; nothing outside this package refers to it. A port belongs to one worker thread.
 */
@NullMarked
package io.weir.dataplane.io.pcap4j;

import org.jspecify.annotations.NullMarked;
