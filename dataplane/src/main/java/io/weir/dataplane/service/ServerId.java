package io.weir.dataplane.service;

import io.weir.dataplane.net.IpAddress;

/**
 * What names a real server inside its virtual service.
 *
 * @param address its address
 * @param port its port; 0 keeps the client's destination port
 */
public record ServerId(IpAddress address, int port) {}
