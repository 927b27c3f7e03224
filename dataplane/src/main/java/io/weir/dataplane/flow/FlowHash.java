package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;

import java.util.SplittableRandom;

/**
 * Hashes endpoints with a secret of the process, so that nobody outside can choose addresses and
 * ports that fall together.
 *
 * <p>The full 128-bit product folded to 64 bits (the wyhash family's mixing step) costs two
 * multiplications. Immutable, any thread.
 */
final class FlowHash {
    private final long secretA;
    private final long secretB;

    FlowHash(long seed) {
        SplittableRandom secrets = new SplittableRandom(seed);
        secretA = secrets.nextLong() | 1;
        secretB = secrets.nextLong() | 1;
    }

    long of(int address, int port, int protocol) {
        return mix((address & 0xffffffffL) << 24 | (long) port << 8 | protocol, 0);
    }

    long of(int address, int otherAddress, int port, int protocol, int data) {
        long first = (address & 0xffffffffL) << 32 | (otherAddress & 0xffffffffL);
        return mix(first, (long) data << 32 | (long) port << 8 | protocol);
    }

    /** Hashes bytes in memory. */
    long of(long address, int bytes) {
        long folded = bytes;
        int at = 0;
        for (; at + Long.BYTES <= bytes; at += Long.BYTES) {
            folded = mix(folded ^ Memory.nativeLong(address + at), 0);
        }
        long rest = 0;
        for (; at < bytes; at++) {
            rest = rest << 8 | Memory.u8(address + at);
        }
        return mix(folded ^ rest, 1);
    }

    /** What stands for an IPv6 address where 32 bits have to do. */
    int digest(long high, long low) {
        return (int) (mix(high, low) >>> 16);
    }

    private long mix(long first, long second) {
        long a = first ^ secretA;
        long b = second ^ secretB;
        long folded = (a * b) ^ Math.multiplyHigh(a, b);
        long again = folded ^ secretB;
        return (again * secretA) ^ Math.multiplyHigh(again, secretA);
    }

    /**
     * That of an entry with these flags: a template is looked for by its service too, a connection
     * by its client alone.
     */
    long ofEntry(int flags, Endpoints ends) {
        return (flags & ConnectionLines.FLAG_TEMPLATE) != 0
                ? of(
                        ends.source(),
                        ends.destination(),
                        ends.destinationPort(),
                        ends.protocol(),
                        ends.data())
                : of(ends.source(), ends.sourcePort(), ends.protocol());
    }

    /** That by which the entry of a line was inserted. */
    long ofEntry(long line) {
        int protocol = Memory.u8(line + PROTOCOL);
        int client = Memory.nativeInt(line + CLIENT);
        int ports = Memory.nativeInt(line + PORTS);
        int flags = Memory.nativeInt(line + FLAGS);
        if ((flags & ConnectionLines.FLAG_TEMPLATE) == 0) {
            return of(client, ports >>> 16, protocol);
        }
        int virtual = Memory.nativeInt(line + VIRTUAL);
        return of(client, virtual, ports & 0xffff, protocol, Memory.nativeInt(line + DATA));
    }
}
