package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What the steering program reads to tell packets that are balanced for their mark: the tables of
 * {@link MarkLayout} in one longest-prefix trie, and in an array of one number the table that a
 * search begins with, 0 while there is none.
 *
 * <p>A key is its length in bits, the table's number and the protocol, both in the machine's order,
 * and 16 bytes in network order: an address, or a port and zeros.
 *
 * <p>New tables are complete before the first of them is named in the array, so a change takes
 * effect at once and as a whole. Those of before stay until the change after that, for a program
 * that is in the middle of them.
 */
final class MarkTrie implements AutoCloseable {
    static final int TABLE_OFFSET = 4;
    static final int PROTOCOL_OFFSET = 8;
    static final int TAIL_OFFSET = 12;
    static final int KEY_BYTES = 28;

    /** The bits of a key before the tail: table and protocol. */
    static final int FIXED_BITS = 64;

    /** Lines of what is in force; there is room for those of before, too. */
    static final int CAPACITY = 1 << 16;

    private final Descriptor start;
    private final Descriptor trie;
    private final NativeBlock key = new NativeBlock(KEY_BYTES);
    private final NativeBlock value = new NativeBlock(Integer.BYTES);
    private MarkedTraffic traffic = MarkedTraffic.NONE;
    private Set<Prefix> local = Set.of();
    private List<TrieEntry> inForce = List.of();
    private List<TrieEntry> before = List.of();
    private int lastTable;

    MarkTrie(String purpose) throws SystemCallException {
        start = Bpf.createMap(Bpf.MAP_ARRAY, Integer.BYTES, Integer.BYTES, 1, 0, purpose);
        try {
            trie =
                    Bpf.createMap(
                            Bpf.MAP_LPM_TRIE,
                            KEY_BYTES,
                            Integer.BYTES,
                            2 * CAPACITY,
                            Bpf.MAP_NO_PREALLOCATION,
                            purpose);
        } catch (SystemCallException e) {
            start.close();
            throw e;
        }
    }

    /** The descriptor of the array that says where a search begins. */
    int start() {
        return start.number();
    }

    /** The descriptor of the trie. */
    int trie() {
        return trie.number();
    }

    /**
     * Makes these packets the balancer's and no others.
     *
     * @param hostPrefixes the prefixes of the host's own addresses
     * @throws SteeringException if there are too many tables, or the kernel refuses; those of
     *     before are in force
     */
    void replace(MarkedTraffic marked, Set<Prefix> hostPrefixes) throws SteeringException {
        if (marked.equals(traffic) && (hostPrefixes.equals(local) || marked.rules().isEmpty())) {
            return;
        }
        int sourceTable = 0;
        List<TrieEntry> wanted = List.of();
        if (!marked.rules().isEmpty()) {
            MarkLayout layout = new MarkLayout(marked, hostPrefixes, this::nextTable, CAPACITY);
            sourceTable = layout.sourceTable();
            wanted = layout.entries();
        }
        before.forEach(this::delete);
        before = List.of();
        write(wanted);
        begin(sourceTable);
        before = inForce;
        inForce = wanted;
        traffic = marked;
        local = Set.copyOf(hostPrefixes);
    }

    private int nextTable() {
        lastTable = lastTable == -1 ? 1 : lastTable + 1;
        return lastTable;
    }

    private void write(List<TrieEntry> wanted) throws SteeringException {
        List<TrieEntry> written = new ArrayList<>(wanted.size());
        for (TrieEntry entry : wanted) {
            setKey(entry);
            Memory.putNativeInt(value.address(), entry.value());
            int result = Bpf.update(trie.number(), key.address(), value.address());
            if (result < 0) {
                written.forEach(this::delete);
                throw refusal(-result);
            }
            written.add(entry);
        }
    }

    private void begin(int table) throws SteeringException {
        Memory.putNativeInt(key.address(), 0);
        Memory.putNativeInt(value.address(), table);
        int result = Bpf.update(start.number(), key.address(), value.address());
        if (result < 0) {
            throw refusal(-result);
        }
    }

    private static SteeringException refusal(int errno) {
        return new SteeringException(
                "cannot steer traffic: bpf(BPF_MAP_UPDATE_ELEM) failed with "
                        + Errno.name(errno)
                        + "; free memory");
    }

    private void delete(TrieEntry entry) {
        setKey(entry);
        // Fails only for a key that is not there, which is what is wanted.
        Bpf.delete(trie.number(), key.address());
    }

    private void setKey(TrieEntry entry) {
        long at = key.address();
        Memory.putNativeInt(at, FIXED_BITS + entry.length());
        Memory.putNativeInt(at + TABLE_OFFSET, entry.table());
        Memory.putNativeInt(at + PROTOCOL_OFFSET, entry.protocol());
        Memory.putU64(at + TAIL_OFFSET, entry.high());
        Memory.putU64(at + TAIL_OFFSET + Long.BYTES, entry.low());
    }

    @Override
    public void close() {
        start.close();
        trie.close();
        key.close();
        value.close();
    }
}
