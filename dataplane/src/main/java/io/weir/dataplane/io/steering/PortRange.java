package io.weir.dataplane.io.steering;

import java.util.ArrayList;
import java.util.List;

/** Ports from the first to the last, both included. */
record PortRange(int first, int last) {
    /** The lines of a table that has just these ports: at most 30. */
    List<TrieEntry> entries(int table) {
        List<TrieEntry> entries = new ArrayList<>();
        int from = first;
        while (from <= last) {
            // The largest block that begins here: aligned to its size, and not too long.
            int bits = from == 0 ? 16 : Integer.numberOfTrailingZeros(from);
            while ((1 << bits) > last - from + 1) {
                bits--;
            }
            entries.add(TrieEntry.ofPorts(table, from, bits));
            from += 1 << bits;
        }
        return entries;
    }
}
