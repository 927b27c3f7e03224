package io.weir.dataplane.offload;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.packet.NextHop;
import io.weir.dataplane.service.ForwardingMethod;

/**
 * The ends of one direction of a connection, as its packets come and as they leave. Made once, set
 * for each; owned by the worker.
 */
public final class FlowEnds {
    /** The words of 8 bytes that a source and a destination take. */
    private static final int IPV4_WORDS = 1;

    private static final int IPV6_WORDS = 4;

    private static final long LOW_32 = 0xffff_ffffL;

    // As in headers: the source, behind it the destination.
    private final long[] addresses = new long[IPV6_WORDS];
    private final long[] newAddresses = new long[IPV6_WORDS];

    private int words = IPV4_WORDS;
    private int protocol;
    private int ports;
    private int newPorts;
    private final NextHop hop = new NextHop();

    /** Becomes the direction to the server, or with {@code reply} the one to the client. */
    public void set(ConnectionTable table, int slot, boolean reply) {
        protocol = table.protocol(slot);
        int clientPort = table.clientPort(slot);
        int virtualPort = table.virtualPort(slot);
        int serverPort = table.serverPort(slot);
        boolean translated = table.method(slot) == ForwardingMethod.MASQUERADE.code();
        if (reply) {
            ports = serverPort << Short.SIZE | clientPort;
            newPorts = virtualPort << Short.SIZE | clientPort;
        } else {
            ports = clientPort << Short.SIZE | virtualPort;
            newPorts = translated ? clientPort << Short.SIZE | serverPort : ports;
        }
        if (table.has(slot, ConnectionTable.FLAG_IPV6)) {
            setIpv6(table, slot, reply, translated);
        } else {
            setIpv4(table, slot, reply, translated);
        }
    }

    private void setIpv4(ConnectionTable table, int slot, boolean reply, boolean translated) {
        words = IPV4_WORDS;
        int client = table.client(slot);
        int virtual = table.virtual(slot);
        int server = table.server(slot);
        if (reply) {
            addresses[0] = pair(server, client);
            newAddresses[0] = pair(virtual, client);
            hop.setV4(client);
        } else {
            addresses[0] = pair(client, virtual);
            newAddresses[0] = translated ? pair(client, server) : addresses[0];
            hop.setV4(server);
        }
    }

    private void setIpv6(ConnectionTable table, int slot, boolean reply, boolean translated) {
        words = IPV6_WORDS;
        long clientHigh = table.clientHigh(slot);
        long clientLow = table.clientLow(slot);
        long virtualHigh = table.virtualHigh(slot);
        long virtualLow = table.virtualLow(slot);
        long serverHigh = table.serverHigh(slot);
        long serverLow = table.serverLow(slot);
        if (reply) {
            put(addresses, serverHigh, serverLow, clientHigh, clientLow);
            put(newAddresses, virtualHigh, virtualLow, clientHigh, clientLow);
            hop.setV6(clientHigh, clientLow);
        } else {
            put(addresses, clientHigh, clientLow, virtualHigh, virtualLow);
            put(
                    newAddresses,
                    clientHigh,
                    clientLow,
                    translated ? serverHigh : virtualHigh,
                    translated ? serverLow : virtualLow);
            hop.setV6(serverHigh, serverLow);
        }
    }

    private static long pair(int source, int destination) {
        return (Integer.reverseBytes(source) & LOW_32)
                | (long) Integer.reverseBytes(destination) << Integer.SIZE;
    }

    private static void put(long[] to, long high, long low, long otherHigh, long otherLow) {
        to[0] = Long.reverseBytes(high);
        to[1] = Long.reverseBytes(low);
        to[2] = Long.reverseBytes(otherHigh);
        to[3] = Long.reverseBytes(otherLow);
    }

    /** Whether the addresses are IPv6. */
    public boolean ipv6() {
        return words == IPV6_WORDS;
    }

    /** TCP or UDP. */
    public int protocol() {
        return protocol;
    }

    /** The source port in the upper half, the destination port in the lower. */
    public int ports() {
        return ports;
    }

    /** The ports with which packets leave. */
    public int newPorts() {
        return newPorts;
    }

    /** Where the packets go. */
    public NextHop hop() {
        return hop;
    }

    /** Whether addresses or ports change. */
    public boolean translated() {
        boolean same = ports == newPorts;
        for (int i = 0; i < words; i++) {
            same &= addresses[i] == newAddresses[i];
        }
        return !same;
    }

    /** How many words of 8 bytes the addresses take. */
    int words() {
        return words;
    }

    /** A word of the source and destination, as a header has it. */
    long word(int index) {
        return addresses[index];
    }

    /** The same of a packet that leaves. */
    long newWord(int index) {
        return newAddresses[index];
    }
}
