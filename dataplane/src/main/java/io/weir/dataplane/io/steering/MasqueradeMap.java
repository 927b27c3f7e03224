package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The masquerading rules as the steering program compares them: an array of two tables, each of
 * {@value io.weir.dataplane.masquerade.MasqueradeTable#CAPACITY} rules, and an array of one number
 * that says which of them counts: 1 or 2, 0 for none.
 *
 * <p>A rule is a block of {@value #BLOCK_BYTES} bytes and a mask for it. A packet's block is its
 * protocol, a zero, the port it comes from and the addresses it comes from and goes to, all in
 * network order and IPv4 mapped into IPv6. A line without a rule has a block that nothing is equal
 * to. A change writes the table that does not count and then the number, so it takes effect at once
 * and as a whole.
 */
final class MasqueradeMap implements AutoCloseable {
    static final int PORT_OFFSET = 2;
    static final int SOURCE_OFFSET = 4;
    static final int DESTINATION_OFFSET = 20;
    static final int BLOCK_BYTES = 36;

    /** Where the mask of a rule stands. */
    static final int MASK_OFFSET = BLOCK_BYTES;

    static final int RULE_BYTES = 2 * BLOCK_BYTES;

    private static final int TABLE_BYTES = RULE_BYTES * MasqueradeTable.CAPACITY;

    private final Descriptor current;
    private final Descriptor tables;
    private final NativeBlock key = new NativeBlock(Integer.BYTES);
    private final NativeBlock value = new NativeBlock(TABLE_BYTES);
    private List<MasqueradeRule> inForce = List.of();
    private int lastTable;

    MasqueradeMap(String purpose) throws SystemCallException {
        current = Bpf.createMap(Bpf.MAP_ARRAY, Integer.BYTES, Integer.BYTES, 1, 0, purpose);
        try {
            tables = Bpf.createMap(Bpf.MAP_ARRAY, Integer.BYTES, TABLE_BYTES, 2, 0, purpose);
        } catch (SystemCallException e) {
            current.close();
            throw e;
        }
    }

    /** The descriptor of the array that says which table counts. */
    int current() {
        return current.number();
    }

    /** The descriptor of the tables. */
    int tables() {
        return tables.number();
    }

    /**
     * Makes what these rules match the balancer's.
     *
     * @throws SteeringException if the kernel refuses; the rules of before are in force
     */
    void replace(List<MasqueradeRule> rules) throws SteeringException {
        if (rules.equals(inForce)) {
            return;
        }
        int table = rules.isEmpty() ? 0 : lastTable == 1 ? 2 : 1;
        if (table != 0) {
            for (int i = 0; i < MasqueradeTable.CAPACITY; i++) {
                put(
                        value.address() + (long) i * RULE_BYTES,
                        i < rules.size() ? rules.get(i) : null);
            }
            update(tables, table - 1);
            lastTable = table;
        }
        Memory.putNativeInt(value.address(), table);
        update(current, 0);
        inForce = List.copyOf(rules);
    }

    private void update(Descriptor map, int index) throws SteeringException {
        Memory.putNativeInt(key.address(), index);
        int result = Bpf.update(map.number(), key.address(), value.address());
        if (result < 0) {
            throw new SteeringException(
                    "cannot steer traffic: bpf(BPF_MAP_UPDATE_ELEM) failed with "
                            + Errno.name(-result)
                            + "; free memory");
        }
    }

    private static void put(long at, @Nullable MasqueradeRule rule) {
        for (int i = 0; i < RULE_BYTES; i++) {
            Memory.putU8(at + i, 0);
        }
        if (rule == null) {
            Memory.putU8(at, 1);
            return;
        }
        Memory.putU8(at, rule.protocol());
        Memory.putU8(at + MASK_OFFSET, rule.protocol() == 0 ? 0 : 0xff);
        Memory.putU16(at + PORT_OFFSET, rule.sourcePort());
        Memory.putU16(at + MASK_OFFSET + PORT_OFFSET, rule.sourcePort() == 0 ? 0 : 0xffff);
        put(at + SOURCE_OFFSET, rule.source());
        put(at + DESTINATION_OFFSET, rule.destination());
    }

    private static void put(long at, Prefix prefix) {
        IpAddress network = prefix.network();
        boolean ipv6 = network.ipv6();
        int bits = ipv6 ? prefix.length() : 96 + prefix.length();
        Memory.putU64(at, network.high());
        Memory.putU64(at + Long.BYTES, ipv6 ? network.low() : 0xffffL << 32 | network.low());
        Memory.putU64(at + MASK_OFFSET, IpAddress.maskHigh(bits));
        Memory.putU64(at + MASK_OFFSET + Long.BYTES, IpAddress.maskLow(bits));
    }

    @Override
    public void close() {
        current.close();
        tables.close();
        key.close();
        value.close();
    }
}
