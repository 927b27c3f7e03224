package io.weir.dataplane.header;

import io.weir.dataplane.memory.Memory;

/**
 * An ARP packet for IPv4 over Ethernet (RFC 826).
 *
 * <pre>
 *  0               2               4       5       6               8
 * +---------------+---------------+-------+-------+---------------+
 * | hardware type | protocol type | hlen  | plen  |   operation   |
 * +---------------+---------------+-------+-------+---------------+
 * |     sender MAC, 6 bytes       |    sender address, 4 bytes    |
 * +-------------------------------+-------------------------------+
 * |     target MAC, 6 bytes       |    target address, 4 bytes    |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class Arp {
    public static final int BYTES = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /** Hardware type 1, protocol type 0x0800, lengths 6 and 4. */
    private static final long ETHERNET_IPV4 = 0x0001_0800_06_04L;

    private static final int OPERATION_OFFSET = 6;
    private static final int SENDER_MAC_OFFSET = 8;
    private static final int SENDER_ADDRESS_OFFSET = 14;
    private static final int TARGET_MAC_OFFSET = 18;
    private static final int TARGET_ADDRESS_OFFSET = 24;

    private Arp() {}

    /** Tells whether the packet is about IPv4 addresses and Ethernet, as all else here assumes. */
    public static boolean isEthernetIpv4(long arp) {
        return Memory.u64(arp) >>> 16 == ETHERNET_IPV4;
    }

    /** Fills in the fields that are the same in every ARP packet for IPv4 over Ethernet. */
    public static void setEthernetIpv4(long arp) {
        Memory.putU32(arp, (int) (ETHERNET_IPV4 >>> 16));
        Memory.putU16(arp + 4, (int) ETHERNET_IPV4);
    }

    public static int operation(long arp) {
        return Memory.u16(arp + OPERATION_OFFSET);
    }

    public static void setOperation(long arp, int operation) {
        Memory.putU16(arp + OPERATION_OFFSET, operation);
    }

    public static long senderMac(long arp) {
        return Memory.u64(arp + SENDER_MAC_OFFSET) >>> 16;
    }

    public static void setSenderMac(long arp, long mac) {
        putMac(arp + SENDER_MAC_OFFSET, mac);
    }

    public static int senderAddress(long arp) {
        return Memory.u32(arp + SENDER_ADDRESS_OFFSET);
    }

    public static void setSenderAddress(long arp, int address) {
        Memory.putU32(arp + SENDER_ADDRESS_OFFSET, address);
    }

    public static long targetMac(long arp) {
        return Memory.u64(arp + TARGET_MAC_OFFSET) >>> 16;
    }

    public static void setTargetMac(long arp, long mac) {
        putMac(arp + TARGET_MAC_OFFSET, mac);
    }

    public static int targetAddress(long arp) {
        return Memory.u32(arp + TARGET_ADDRESS_OFFSET);
    }

    public static void setTargetAddress(long arp, int address) {
        Memory.putU32(arp + TARGET_ADDRESS_OFFSET, address);
    }

    private static void putMac(long address, long mac) {
        Memory.putU32(address, (int) (mac >>> 16));
        Memory.putU16(address + 4, (int) mac);
    }
}
