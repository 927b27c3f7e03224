package io.weir.dataplane.packet;

/**
 * Why a packet went no further. Every packet that weir takes and does not send on has one of these,
 * and each has a counter that the operator sees. So have messages of synchronisation daemons and
 * what they tell.
 */
public enum DropReason {
    FRAME_TOO_SHORT("the frame ends inside its Ethernet, ARP or IP header"),
    NOT_OURS("the frame is addressed to another Ethernet address"),
    UNKNOWN_ETHERTYPE("neither IPv4, IPv6 nor ARP"),
    IP_HEADER_INVALID("the IP version, header length or total length is wrong"),
    IP_CHECKSUM_WRONG("the IPv4 header checksum is wrong"),
    TRANSPORT_TRUNCATED("the packet ends inside its TCP, UDP, SCTP or ICMP header"),
    SOURCE_INVALID("the source address is the balancer's own, multicast, broadcast or reserved"),
    DESTINATION_INVALID("the destination is multicast, broadcast, loopback or reserved"),
    IP_OPTION_INVALID("an IPv4 option is malformed; the sender was told"),
    SOURCE_ROUTED("the packet carries a source route"),
    FRAGMENT_INVALID("a fragment that is empty, too long, or contradicts the others"),
    FRAGMENT_OVERLAP("fragments that overlap; the datagram is given up"),
    FRAGMENT_DUPLICATE("a fragment that came before"),
    FRAGMENTS_TOO_MANY("a datagram in more than 128 fragments"),
    REASSEMBLY_TIMEOUT("a fragment whose datagram did not become complete in time"),
    REASSEMBLY_FULL("a fragment that made room for those of a newer datagram"),
    ICMP_INVALID("an ICMP error with a wrong checksum or without a usable quote"),
    NO_SERVER("the virtual service has no real server that can take the connection"),
    NO_PERSISTENCE_KEY(
            "the service's persistence engine found nothing to know the client by: no SIP Call-ID"),
    PERSISTENCE_KEYS_FULL("no room for another key of a persistence engine"),
    SERVER_REMOVED("the connection's real server was removed"),
    REPLY_UNKNOWN("a real server's packet without a connection; it was told so (nat_icmp_send)"),
    DEFENCE("would have begun a connection, but drop_packet is in force"),
    ADMISSION(
            "would have begun a connection, but the connection table is nearly full, and so many"
                    + " begin already"),
    SYN_BACKLOG(
            "would have begun a connection; refused in the kernel, as too many packets wait for the"
                    + " worker"),
    CONNECTION_TABLE_FULL("the connection table is full"),
    HALF_OPEN_EVICTED(
            "no packet, but a connection that had only begun, given up for new ones as the"
                    + " connection table is nearly full"),
    FTP_LIMIT("FTP has agreed on more connections than can be kept track of; its peer asks again"),
    MASQUERADE_FULL("a real server opened one more connection than can be masqueraded at a time"),
    MASQUERADE_PORTS(
            "a real server opened one more connection to an address and port than can be"
                    + " masqueraded, 128"),
    METHOD_UNSUPPORTED("no engine for the real server's forwarding method"),
    SEGMENTS_INVALID("a super-frame whose segments are of an unknown kind or size"),
    TTL_EXCEEDED("the time to live ran out; the sender was told"),
    TOO_BIG("larger than the outgoing link takes, and may not be fragmented; the sender was told"),
    FRAGMENTS_LIMITED("more fragments at once than there is room for"),
    LOCAL_PORT("a NAT real server on the balancer itself has another port than its service"),
    NO_ROUTE("no route to the next hop"),
    FORWARDING_OFF("not for the balancer, and it does not route"),
    NEIGHBOUR_PENDING_FULL("too many packets wait for the next hop's Ethernet address"),
    NEIGHBOUR_UNREACHABLE("the next hop does not answer ARP or neighbour discovery"),
    LINK_DOWN("the outgoing link has no port, or is down"),
    TRANSMIT_FULL("the port's transmit queue is full"),
    HOST_CONSUMED("taken by the balancer's own network stack: ARP, echo, closed port"),
    HOST_IGNORED("for the balancer's own network stack, which has no answer to it"),
    ICMP_LIMITED("an ICMP error was due but the limit on them was reached"),
    PATH_MTU_FORGOTTEN("no packet, but a path's MTU forgotten early to remember another one's"),
    TAKEOVER(
            "of a connection that the other balancer may still tell about: on a standby balancer"
                    + " and just after a takeover"),
    SYNC_MALFORMED("a message or part of one from a sync daemon that nobody can read"),
    SYNC_OTHER_ID("a message of sync daemons with another id"),
    SYNC_TOO_LONG("a message from a sync daemon that is longer than ours takes"),
    SYNC_UNUSABLE("a connection told by a sync daemon whose protocol, state or engine is unknown"),
    SYNC_NO_ROOM("a connection told by a sync daemon for which a table has no room"),
    SYNC_BUSY("messages from a sync daemon came faster than they can be taken"),
    INTERNAL_ERROR("a fault in weir itself; the log has the stack");

    private final String explanation;

    DropReason(String explanation) {
        this.explanation = explanation;
    }

    /** What it means, for the operator. */
    public String explanation() {
        return explanation;
    }
}
