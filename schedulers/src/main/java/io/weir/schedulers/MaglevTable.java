package io.weir.schedulers;

import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;

import java.util.BitSet;

/**
 * The lookup table of Maglev hashing (Eisenbud et al., NSDI 2016, section 3.4) with weights.
 *
 * <p>Each server has a permutation of the slots, given by a first slot and a distance, both hashed
 * from its address and port. In turn, each server takes as many slots as its share says, always the
 * next free one of its permutation, until none is left.
 */
final class MaglevTable {
    /** Slots; a prime, so that every distance leads through all of them. */
    static final int SIZE = 4093;

    // The kernel's two hash keys, so that weir and LVS send a client to the same server.
    private static final long SLOT_KEY = 2654435761L;
    private static final long DISTANCE_KEY = 2654446892L;

    // Weights are scaled down until a share fits these bits: a turn much longer than that would let
    // the first server take all the good slots of the others.
    private static final int SHARE_BITS = 6;

    private RealServer[] slots = {};

    boolean isEmpty() {
        return slots.length == 0;
    }

    RealServer get(int slot) {
        return slots[slot];
    }

    /** The slot of an address plus port. */
    static int slot(int value) {
        return Integer.remainderUnsigned(AddressHash.sip(value, SLOT_KEY), SIZE);
    }

    private static int distance(int value) {
        return Integer.remainderUnsigned(AddressHash.sip(value, DISTANCE_KEY), SIZE - 1) + 1;
    }

    /**
     * Makes the table anew. A server of weight 0 counts with its last weight that was not 0, and
     * one that never had any gets no slot.
     */
    void fill(RealServer[] servers) {
        int[] shares = shares(servers);
        if (shares.length == 0) {
            slots = new RealServer[0];
            return;
        }
        int[] next = new int[servers.length];
        int[] distance = new int[servers.length];
        for (int i = 0; i < servers.length; i++) {
            ServerId id = servers[i].id();
            int value = AddressHash.fold(id.address().high(), id.address().low()) + id.port();
            next[i] = slot(value);
            distance[i] = distance(value);
        }
        RealServer[] filled = new RealServer[SIZE];
        BitSet taken = new BitSet(SIZE);
        int free = SIZE;
        for (int i = 0; free > 0; i = i + 1 < servers.length ? i + 1 : 0) {
            for (int turn = Math.min(shares[i], free); turn > 0; turn--) {
                while (taken.get(next[i])) {
                    next[i] = (next[i] + distance[i]) % SIZE;
                }
                taken.set(next[i]);
                filled[next[i]] = servers[i];
                free--;
            }
        }
        slots = filled;
    }

    // Empty if no server ever had a weight.
    private static int[] shares(RealServer[] servers) {
        int divisor = 0;
        int heaviest = 0;
        for (RealServer server : servers) {
            divisor = Weights.greatestCommonDivisor(divisor, server.lastWeight());
            heaviest = Math.max(heaviest, server.lastWeight());
        }
        if (heaviest == 0) {
            return new int[0];
        }
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(heaviest / divisor);
        int scale = Math.max(bits - SHARE_BITS, 0);
        int[] shares = new int[servers.length];
        for (int i = 0; i < servers.length; i++) {
            int weight = servers[i].lastWeight();
            shares[i] = Math.max((weight / divisor) >> scale, weight == 0 ? 0 : 1);
        }
        return shares;
    }
}
