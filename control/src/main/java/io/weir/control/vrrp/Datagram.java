package io.weir.control.vrrp;

import io.weir.dataplane.net.IpAddress;

/**
 * A packet of IP protocol 112 as it arrived.
 *
 * @param source of the IP header
 * @param destination of the IP header
 * @param hopLimit its TTL or hop limit
 * @param message what is behind the IP header; the receiver's to keep
 */
@SuppressWarnings("ArrayRecordComponent") // taken apart at once and never compared
record Datagram(IpAddress source, IpAddress destination, int hopLimit, byte[] message) {}
