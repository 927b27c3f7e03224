package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R3;
import static io.weir.dataplane.io.steering.BpfAssembler.R4;
import static io.weir.dataplane.io.steering.BpfAssembler.R5;
import static io.weir.dataplane.io.steering.BpfAssembler.R6;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;
import static io.weir.dataplane.io.steering.BpfAssembler.R9;

import io.weir.dataplane.io.steering.BpfAssembler.Label;

/**
 * The program that decides whether an arriving frame is the balancer's.
 *
 * <p>The balancer's are, of the frames addressed to this host's MAC and without VLAN tag:
 *
 * <ol>
 *   <li>TCP, UDP and SCTP to a virtual endpoint, or that gets a mark with a service;
 *   <li>the same from a server endpoint, unless to an address of the host itself: those are answers
 *       to the host's own connections, such as health checks;
 *   <li>fragments, which may have no ports, by their address and protocol alone;
 *   <li>ICMP and ICMPv6 errors whose quoted packet came from where such packets go to, or went
 *       there or to a server endpoint from an address that is not the host's, or to a tunnel's end
 *       from one that is;
 *   <li>TCP and UDP that a masquerading rule matches, unless to an address of the host, and errors
 *       about what answers it.
 * </ol>
 *
 * <p>IPv6 extension headers are walked over as by {@link ExtensionWalk}. Everything else, echo
 * included, is the host's.
 *
 * <p>Frames are read by bpf_skb_load_bytes, which starts at the Ethernet header in both kinds of
 * program, or by its relative form, told to start there, where several sockets share an interface
 * and the kernel asks which of them is meant. Registers: R6 the frame's context, R7 the offset of
 * the transport header, R8 the transport protocol, R9 not zero for a fragment.
 */
final class SteeringProgram {
    static final int HELPER_MAP_LOOKUP = 1;
    private static final int HELPER_LOAD_BYTES = 26;
    private static final int HELPER_LOAD_BYTES_RELATIVE = 68;
    private static final int START_ETHERNET = 0;

    private static final int ETHERNET_BYTES = 14;
    private static final int IPV4_BYTES = 20;
    private static final int IPV6_BYTES = 40;
    private static final int EXTENSION_BYTES = 8;
    private static final int ICMP_BYTES = 8;
    private static final int PORTS_BYTES = 4;

    // EtherTypes as the little-endian machine reads them from __sk_buff.protocol.
    private static final int ETHERTYPE_IPV4 = 0x0008;
    private static final int ETHERTYPE_IPV6 = 0xdd86;

    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int[] TRANSPORTS = {6, 17, 132};

    /** IPv4 and IPv6 in IP, GRE; GUE is UDP. */
    private static final int[] TUNNELS = {4, 41, 47};

    /** Unreachable, source quench, time exceeded, parameter problem (RFC 792). */
    private static final int[] ICMP_ERRORS = {3, 4, 11, 12};

    /** Unreachable, packet too big, time exceeded, parameter problem (RFC 4443). */
    private static final int[] ICMPV6_ERRORS = {1, 2, 3, 4};

    // The stack: two keys of the map, headers, the ports, the counter's index, a key of the trie,
    // the index of its start, what masquerading rules are compared with.
    static final int DESTINATION = -24;
    static final int SOURCE = -48;
    static final int HEADER = -96;
    static final int SOURCE_PORT = -104;
    private static final int DESTINATION_PORT = -102;
    private static final int COUNTER_INDEX = -112;
    private static final int TRIE_KEY = -144;
    private static final int TRIE_START = -152;
    private static final int MASQUERADE_BLOCK = -192;

    final BpfAssembler code = new BpfAssembler();
    final Label takenFromClient = new Label();
    final Label takenFromServer = new Label();
    final Label takenAboutTunnel = new Label();
    final Label host = new Label();
    private final int endpoints;
    private final boolean behindEthernet;
    private final MarkSearch marks;
    private final MasqueradeSearch masquerades;
    private final Label opened = new Label();

    SteeringProgram(
            EndpointMap endpoints, MarkTrie trie, MasqueradeMap rules, boolean behindEthernet) {
        this.behindEthernet = behindEthernet;
        this.endpoints = endpoints.descriptor();
        this.marks = new MarkSearch(code, trie.start(), trie.trie(), TRIE_KEY, TRIE_START);
        this.masquerades = new MasqueradeSearch(code, rules, MASQUERADE_BLOCK, TRIE_START);
    }

    /** For a program that does the same with everything taken. */
    void placeTaken() {
        code.place(takenFromClient);
        code.place(takenFromServer);
        code.place(takenAboutTunnel);
    }

    void end(int result) {
        code.moveImmediate(R0, result);
        code.exit();
    }

    void count(int counter) {
        Label none = new Label();
        code.storeWordImmediate(FRAME, COUNTER_INDEX, 0);
        lookUp(counter, COUNTER_INDEX, none);
        code.loadDouble(R1, R0, 0);
        code.addImmediate(R1, 1);
        code.storeDouble(R0, 0, R1);
        code.place(none);
    }

    /**
     * Ends at one of four labels, behind which the program's own part comes. There the keys hold
     * the addresses of the packet, or of the one that an error quotes, the stack its ports, and R9
     * is not zero if it has none. The client is the source at {@code takenFromClient}, the
     * destination at {@code takenFromServer}, and inside the tunnel's packet at {@code
     * takenAboutTunnel}. Of a masqueraded connection it is the end that was called, whose address
     * is not translated.
     */
    void decide() {
        Label ipv4 = new Label();
        Label ipv6 = new Label();
        Label transport = new Label();
        Label quoted = new Label();

        code.move(R6, R1);
        FrameContext.requireOwn(code, host);
        code.storeWordImmediate(FRAME, SOURCE_PORT, 0);
        code.loadWord(R1, R6, FrameContext.PROTOCOL);
        code.jumpIfEqual(R1, ETHERTYPE_IPV4, ipv4);
        code.jumpIfEqual(R1, ETHERTYPE_IPV6, ipv6);
        code.jump(host);

        code.place(ipv4);
        decideIpv4(transport, quoted);
        code.place(ipv6);
        decideIpv6(transport, quoted);
        code.place(transport);
        decideTransport();
        code.place(quoted);
        decideQuoted();
        decideOpened();
    }

    private void decideIpv4(Label transport, Label quoted) {
        code.moveImmediate(R7, ETHERNET_BYTES);
        loadHeader(IPV4_BYTES);
        readIpv4(HEADER, 0x3fff); // more fragments, or an offset
        code.jumpIfNotEqual(R8, ICMP, transport);
        code.jumpIfNotEqual(R9, 0, host);
        loadHeader(ICMP_BYTES + IPV4_BYTES);
        requireType(ICMP_ERRORS);
        code.addImmediate(R7, ICMP_BYTES);
        readIpv4(HEADER + ICMP_BYTES, 0x1fff); // the first fragment does have ports
        code.jumpIfNotEqual(R9, 0, host);
        code.jump(quoted);
    }

    private void decideIpv6(Label transport, Label quoted) {
        code.moveImmediate(R7, ETHERNET_BYTES);
        loadHeader(IPV6_BYTES);
        readIpv6(ExtensionWalk.ANY_FRAGMENT);
        code.jumpIfNotEqual(R8, ICMPV6, transport);
        code.jumpIfNotEqual(R9, 0, host);
        loadHeader(ICMP_BYTES);
        requireType(ICMPV6_ERRORS);
        code.addImmediate(R7, ICMP_BYTES);
        loadHeader(IPV6_BYTES);
        readIpv6(ExtensionWalk.LATER_FRAGMENT); // the first fragment does have ports
        code.jumpIfNotEqual(R9, 0, host);
        code.jump(quoted);
    }

    /** Expects {@link #matchMasquerade} to have told by R7 which end the server is. */
    void decideOpened() {
        code.place(opened);
        Label matched = new Label();
        masquerades.jumpIfMatched(matched);
        code.jump(host);
        code.place(matched);
        code.jumpIfEqual(R7, SOURCE, takenFromServer);
        code.jump(takenFromClient);
    }

    private void decideTransport() {
        Label ported = new Label();
        requireOneOf(R8, TRANSPORTS);
        code.jumpIfNotEqual(R9, 0, ported);
        loadBytes(SOURCE_PORT, PORTS_BYTES);
        code.place(ported);
        decidePorted();
    }

    /** Expects addresses, ports, R8 and R9 where they belong. */
    void decidePorted() {
        Label fromServer = new Label();
        storeProtocol();
        matchEndpoint(DESTINATION, DESTINATION_PORT, EndpointMap.VIRTUAL, takenFromClient);
        matchMark(SOURCE, DESTINATION, DESTINATION_PORT, takenFromClient);
        matchEndpoint(SOURCE, SOURCE_PORT, EndpointMap.SERVER, fromServer);
        jumpIfOwn(DESTINATION, host);
        matchMasquerade(SOURCE, SOURCE_PORT, DESTINATION);
        code.place(fromServer);
        jumpIfOwn(DESTINATION, host);
        code.jump(takenFromServer);
    }

    private void decideQuoted() {
        Label tunnel = new Label();
        Label own = new Label();
        storeProtocol();
        for (int protocol : TUNNELS) {
            code.jumpIfEqual(R8, protocol, tunnel);
        }
        requireOneOf(R8, TRANSPORTS);
        loadBytes(SOURCE_PORT, PORTS_BYTES);
        matchEndpoint(SOURCE, SOURCE_PORT, EndpointMap.VIRTUAL, takenFromServer);
        matchMark(DESTINATION, SOURCE, SOURCE_PORT, takenFromServer);
        jumpIfOwn(SOURCE, own);
        matchEndpoint(DESTINATION, DESTINATION_PORT, EndpointMap.VIRTUAL, takenFromClient);
        matchMark(SOURCE, DESTINATION, DESTINATION_PORT, takenFromClient);
        matchEndpoint(DESTINATION, DESTINATION_PORT, EndpointMap.SERVER, takenFromClient);
        matchMasquerade(DESTINATION, DESTINATION_PORT, SOURCE);

        code.place(tunnel);
        jumpIfOwn(SOURCE, own);
        code.jump(host);
        code.place(own);
        matchEndpoint(DESTINATION, DESTINATION_PORT, EndpointMap.TUNNEL, takenAboutTunnel);
        code.jump(host);
    }

    /** Copies bytes of the frame, from R7 on, to the stack; a frame too short is the host's. */
    void loadHeader(int bytes) {
        loadBytes(HEADER, bytes);
    }

    private void loadBytes(int to, int bytes) {
        code.move(R1, R6);
        code.move(R2, R7);
        code.move(R3, FRAME);
        code.addImmediate(R3, to);
        code.moveImmediate(R4, bytes);
        code.moveImmediate(R5, START_ETHERNET); // which only the relative form looks at
        code.call(behindEthernet ? HELPER_LOAD_BYTES_RELATIVE : HELPER_LOAD_BYTES);
        code.jumpIfNotEqual(R0, 0, host);
    }

    /** Sets R7 behind the header, R8, R9 and the addresses of both keys. */
    private void readIpv4(int header, int fragmentMask) {
        code.loadByte(R1, FRAME, header);
        code.move(R2, R1);
        code.shiftRight(R2, 4);
        code.jumpIfNotEqual(R2, 4, host);
        code.andImmediate(R1, 0xf);
        code.jumpIfLess(R1, 5, host);
        code.shiftLeft(R1, 2);
        code.add(R7, R1);
        code.loadByte(R8, FRAME, header + 9);
        code.loadHalf(R9, FRAME, header + 6);
        code.fromNetworkHalf(R9);
        code.andImmediate(R9, fragmentMask);
        readIpv4Address(SOURCE, FRAME, header + 12);
        readIpv4Address(DESTINATION, FRAME, header + 16);
    }

    /** IPv4 addresses are kept as RFC 4291 maps them into IPv6: 80 zeros, 16 ones, the address. */
    void readIpv4Address(int key, int base, int from) {
        code.storeWordImmediate(FRAME, key + EndpointMap.ADDRESS_OFFSET, 0);
        code.storeWordImmediate(FRAME, key + EndpointMap.ADDRESS_OFFSET + 4, 0);
        code.storeWordImmediate(FRAME, key + EndpointMap.ADDRESS_OFFSET + 8, 0xffff0000);
        code.loadWord(R1, base, from);
        code.storeWord(FRAME, key + EndpointMap.ADDRESS_OFFSET + 12, R1);
    }

    /** Sets R7 behind all headers before the transport's, R8, R9 and the addresses of both keys. */
    private void readIpv6(int fragmentMask) {
        code.loadByte(R1, FRAME, HEADER);
        code.shiftRight(R1, 4);
        code.jumpIfNotEqual(R1, 6, host);
        code.addImmediate(R7, IPV6_BYTES);
        code.loadByte(R8, FRAME, HEADER + 6);
        readIpv6Addresses(FRAME, HEADER);
        new ExtensionWalk(code, HEADER, () -> loadHeader(EXTENSION_BYTES)).emit(fragmentMask);
    }

    void readIpv6Addresses(int base, int header) {
        for (int word = 0; word < 16; word += 4) {
            code.loadWord(R1, base, header + 8 + word);
            code.storeWord(FRAME, SOURCE + EndpointMap.ADDRESS_OFFSET + word, R1);
            code.loadWord(R1, base, header + 24 + word);
            code.storeWord(FRAME, DESTINATION + EndpointMap.ADDRESS_OFFSET + word, R1);
        }
    }

    private void requireType(int[] types) {
        code.loadByte(R1, FRAME, HEADER);
        requireOneOf(R1, types);
    }

    void requireOneOf(int register, int[] values) {
        Label found = new Label();
        for (int value : values) {
            code.jumpIfEqual(register, value, found);
        }
        code.jump(host);
        code.place(found);
    }

    private void storeProtocol() {
        for (int key : new int[] {SOURCE, DESTINATION}) {
            code.storeByte(FRAME, key, R8);
            code.storeByteImmediate(FRAME, key + 1, 0);
        }
    }

    /**
     * Jumps if the key's endpoint has the bit. The entry for port 0 tells whether all ports of the
     * address have it, or whether it is worth looking for the one; for a fragment that is all there
     * is to go by. The one may also be expected.
     */
    private void matchEndpoint(int key, int port, int bit, Label match) {
        Label miss = new Label();
        Label expected = new Label();
        code.storeHalfImmediate(FRAME, key + EndpointMap.PORT_OFFSET, 0);
        lookUp(endpoints, key, miss);
        code.loadWord(R1, R0, 0);
        code.jumpIfAnyBit(R1, bit, match);
        code.andImmediate(R1, bit * EndpointMap.SOME_PORTS);
        code.jumpIfEqual(R1, 0, miss);
        code.jumpIfNotEqual(R9, 0, match);
        code.loadHalf(R1, FRAME, port);
        code.storeHalf(FRAME, key + EndpointMap.PORT_OFFSET, R1);
        lookUp(endpoints, key, expected);
        code.loadWord(R1, R0, 0);
        code.jumpIfAnyBit(R1, bit, match);
        code.place(expected);
        code.storeByteImmediate(FRAME, key + EndpointMap.SIDE_OFFSET, bit);
        lookUp(endpoints, key, miss);
        code.jump(match);
        code.place(miss);
        code.storeByteImmediate(FRAME, key + EndpointMap.SIDE_OFFSET, 0);
    }

    /** Takes the packet between the addresses of these keys if it is balanced for its mark. */
    private void matchMark(int source, int destination, int port, Label served) {
        marks.jumpIfServed(
                source + EndpointMap.ADDRESS_OFFSET,
                R8,
                destination + EndpointMap.ADDRESS_OFFSET,
                R9,
                port,
                served);
    }

    /**
     * Goes on to compare a packet that is not for the host with the masquerading rules; R7 keeps
     * the server's key. A fragment stays with the host, which routes it.
     */
    private void matchMasquerade(int server, int port, int other) {
        code.jumpIfNotEqual(R9, 0, host);
        masquerades.prepare(
                R8, port, server + EndpointMap.ADDRESS_OFFSET, other + EndpointMap.ADDRESS_OFFSET);
        code.moveImmediate(R7, server);
        code.jump(opened);
    }

    /** Jumps if the key's address is one of the host's own; spoils the key. */
    private void jumpIfOwn(int key, Label own) {
        Label foreign = new Label();
        code.storeHalfImmediate(FRAME, key, EndpointMap.OWN_PROTOCOL);
        code.storeHalfImmediate(FRAME, key + EndpointMap.PORT_OFFSET, 0);
        lookUp(endpoints, key, foreign);
        code.jump(own);
        code.place(foreign);
    }

    /** Leaves the address of the key's value in R0. */
    private void lookUp(int map, int key, Label missing) {
        code.loadMap(R1, map);
        code.move(R2, FRAME);
        code.addImmediate(R2, key);
        code.call(HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, missing);
    }
}
