package io.weir.dataplane.service;

/**
 * The three timeouts ipvsadm --set changes, in seconds.
 *
 * @param tcp of an established TCP connection
 * @param tcpFin of TCP after a FIN
 * @param udp of a UDP flow
 */
public record Timeouts(int tcp, int tcpFin, int udp) {}
