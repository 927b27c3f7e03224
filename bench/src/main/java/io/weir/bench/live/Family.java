package io.weir.bench.live;

/** The network layer of a run: which addresses its hosts have, and how they are written. */
enum Family {
    /** Networks 10.N.0.0/24. */
    IPV4("IPv4", "10.%d.0.%d", 24, 32, "10.64.0.0"),
    /** Networks fd00:N::/64. */
    IPV6("IPv6", "fd00:%d::%d", 64, 128, "fd00:64::");

    private static final int FRONT = 1;
    private static final int BACK = 2;
    private static final int SIDE = 3;

    /** Sources of packets differ in these bits of their addresses at most. */
    private static final int SOURCE_BITS = 22;

    private final String title;
    private final String pattern;
    private final int networkBits;
    private final int bits;
    private final String sources;

    Family(String title, String pattern, int networkBits, int bits, String sources) {
        this.title = title;
        this.pattern = pattern;
        this.networkBits = networkBits;
        this.bits = bits;
        this.sources = sources;
    }

    /** As people write it. */
    String title() {
        return title;
    }

    /**
     * The end of names of files of results: nothing for IPv4, which all had before there was one.
     */
    String suffix() {
        return this == IPV4 ? "" : "-ipv6";
    }

    /** The client's address. */
    String client() {
        return address(FRONT, 2);
    }

    /** The balancer's address on the client's side. */
    String front() {
        return address(FRONT, 1);
    }

    /** The services' address. */
    String virtual() {
        return address(FRONT, 100);
    }

    /** The balancer's address on the servers' side. */
    String back() {
        return address(BACK, 1);
    }

    /** Every address of a host, for those who listen. */
    String any() {
        return this == IPV4 ? "0.0.0.0" : "::";
    }

    /** The address of a server, counted from 0. */
    String server(int index) {
        return address(BACK, 11 + index);
    }

    /** The client's address on the way past the balancer. */
    String sideClient() {
        return address(SIDE, 1);
    }

    /** The servers' address on the way past the balancer. */
    String sideServer() {
        return address(SIDE, 2);
    }

    /** The first address of those that sources of packets have. */
    String firstSource() {
        return sources;
    }

    /** The network of all sources of packets, as ip-route(8) reads it. */
    String sources() {
        return sources + "/" + (bits - SOURCE_BITS);
    }

    /** The network between client and balancer. */
    String frontNetwork() {
        return address(FRONT, 0) + "/" + networkBits;
    }

    /** The network between balancer and servers. */
    String backNetwork() {
        return address(BACK, 0) + "/" + networkBits;
    }

    /** Everything, as a route's destination. */
    String anywhere() {
        return this == IPV4 ? "0.0.0.0/0" : "::/0";
    }

    /** An address of a network that it shares with others, as ip-address(8) reads it. */
    String inNetwork(String address) {
        return address + "/" + networkBits;
    }

    /** An address alone, as ip-address(8) reads it. */
    String alone(String address) {
        return address + "/" + bits;
    }

    /** An address with a port, as programs read it. */
    String endpoint(String address, int port) {
        return (this == IPV4 ? address : "[" + address + "]") + ":" + port;
    }

    /** The variable under /proc/sys/net that makes a host a router. */
    String forwardingVariable() {
        return this == IPV4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding";
    }

    /** The protocol's name in nftables. */
    String nftables() {
        return this == IPV4 ? "ip" : "ip6";
    }

    private String address(int network, int host) {
        return pattern.formatted(network, host);
    }
}
