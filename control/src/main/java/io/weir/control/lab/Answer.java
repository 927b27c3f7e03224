package io.weir.control.lab;

/**
 * What came back for one request.
 *
 * @param server the name of the real server that answered
 * @param client the client's address as the server saw it
 * @param address the address that the server was asked under: its own by NAT, the VIP by DR
 */
public record Answer(String server, String client, String address) {}
