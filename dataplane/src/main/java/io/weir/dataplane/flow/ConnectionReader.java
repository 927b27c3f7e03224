package io.weir.dataplane.flow;

import static io.weir.dataplane.flow.ConnectionLayout.*;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.spi.PersistenceEngine;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.VarHandle;

/**
 * Reads the connection table from another thread while the worker writes it, without lock.
 *
 * <p>An entry's keys and server change only between two versions; a reader that sees an odd
 * version, or another one after reading than before, tries again and after some tries leaves the
 * entry out. One reader belongs to one thread.
 */
public final class ConnectionReader {
    private static final int TRIES = 8;
    private static final byte[] NO_DATA = {};
    private static final int WIDE_FLAGS =
            ConnectionTable.FLAG_IPV6 | ConnectionTable.FLAG_SERVER_IPV6;

    private final ConnectionTable table;
    private int slot = ConnectionTable.NONE;
    private int client;
    private int virtual;
    private int server;
    private int ports;
    private int serverPort;
    private int protocol;
    private int state;
    private int flags;
    private int serverNumber;
    private int expires;
    private final long[] wide = new long[6];
    private final PersistenceData persistenceData;
    private @Nullable PersistenceEngine engine;
    private byte[] data = NO_DATA;

    public ConnectionReader(ConnectionTable table, PersistenceData persistenceData) {
        this.table = table;
        this.persistenceData = persistenceData;
    }

    /** Moves to the next entry in use. Returns false at the end of the table. */
    public boolean next() {
        while (++slot < table.slots()) {
            if (read(table.line(slot))) {
                return true;
            }
        }
        return false;
    }

    private boolean read(long line) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            int version = Memory.intAcquire(line + VERSION);
            flags = Memory.nativeInt(line + FLAGS);
            if ((flags & ConnectionTable.FLAG_USED) == 0) {
                return false;
            }
            client = Memory.nativeInt(line + CLIENT);
            virtual = Memory.nativeInt(line + VIRTUAL);
            server = Memory.nativeInt(line + SERVER);
            ports = Memory.nativeInt(line + PORTS);
            serverPort = Memory.nativeShort(line + SERVER_PORT);
            protocol = Memory.u8(line + PROTOCOL);
            state = Memory.u8(line + STATE) & ConnectionTable.STATE_MASK;
            serverNumber = Memory.nativeInt(line + SERVER_NUMBER);
            expires = Memory.nativeInt(line + EXPIRES);
            if ((flags & WIDE_FLAGS) != 0 && !readWide()) {
                continue;
            }
            readData(Memory.nativeInt(line + DATA));
            VarHandle.loadLoadFence();
            if ((version & 1) == 0 && Memory.nativeInt(line + VERSION) == version) {
                return true;
            }
        }
        return false;
    }

    // The flags of an entry that was just made may be seen before the memory made for it.
    private boolean readWide() {
        long base = table.wideBase();
        if (base == 0) {
            return false;
        }
        long line = base + (long) slot * LINE_BYTES;
        for (int i = 0; i < wide.length; i++) {
            wide[i] = Memory.nativeLong(line + 8L * i);
        }
        return true;
    }

    // What it reads for a number that is no longer the line's is discarded with the line.
    private void readData(int number) {
        engine = null;
        if (number != PersistenceData.NONE) {
            engine = persistenceData.engine(number);
            data = engine == null ? NO_DATA : persistenceData.bytes(number);
        }
    }

    /** The engine that made the template, null for none. */
    public @Nullable PersistenceEngine engine() {
        return engine;
    }

    /** What the {@link #engine} knows the template's client by. */
    public byte[] data() {
        return data;
    }

    /** The client's address; for a template the masked one. */
    public IpAddress clientAddress() {
        return address(ConnectionTable.FLAG_IPV6, WIDE_CLIENT, client);
    }

    /** The virtual address, or the mark of a marked service's template in its first 4 bytes. */
    public IpAddress virtualAddress() {
        return address(ConnectionTable.FLAG_IPV6, WIDE_VIRTUAL, virtual);
    }

    public IpAddress serverAddress() {
        return address(ConnectionTable.FLAG_SERVER_IPV6, WIDE_SERVER, server);
    }

    private IpAddress address(int flag, int offset, int v4) {
        return (flags & flag) == 0
                ? IpAddress.v4(v4)
                : IpAddress.v6(wide[offset / 8], wide[offset / 8 + 1]);
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int client() {
        return client;
    }

    public int clientPort() {
        return ports >>> 16;
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int virtual() {
        return virtual;
    }

    public int virtualPort() {
        return ports & 0xffff;
    }

    /** The IPv4 address, or the digest of the IPv6 one. */
    public int server() {
        return server;
    }

    public int serverPort() {
        return serverPort;
    }

    public int protocol() {
        return protocol;
    }

    public int state() {
        return state;
    }

    public int flags() {
        return flags;
    }

    public int serverNumber() {
        return serverNumber;
    }

    /** The tick when its timeout ends. */
    public int expires() {
        return expires;
    }
}
