package io.weir.control.check.through;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Connections of checks: which port of the host's a socket's port becomes on its way to the server.
 * The ports are above those that the host gives its own sockets. Pure; told the time.
 */
final class FlowTable {
    static final int FIRST_PORT = 61_000;
    static final int PORTS = 4_500;
    static final int LIMIT = 1 << 15;

    /** A connection that was silent for so long makes room for another. */
    static final long IDLE_NANOS = 20_000_000_000L;

    /** A connection as the host's socket has it: its port, and the alias it goes to. */
    record Inside(int protocol, int port, IpAddress alias, int remotePort) {}

    /** The same as the server has it. */
    record Outside(int protocol, IpAddress virtual, int remotePort, int port) {}

    /** Both. */
    record Flow(Inside inside, Outside outside, IpAddress source) {}

    private static final class Entry {
        private final Flow flow;
        private long usedNanos;

        private Entry(Flow flow, long usedNanos) {
            this.flow = flow;
            this.usedNanos = usedNanos;
        }
    }

    private final SequencedMap<Inside, Entry> flows = new LinkedHashMap<>();
    private final Map<Outside, Inside> answers = new HashMap<>();
    private int nextPort;

    /**
     * The way of a packet that leaves.
     *
     * @param source the address of the host that it gets
     * @return null if all ports are taken
     */
    @Nullable Flow leaving(Inside inside, Target target, IpAddress source, long nowNanos) {
        Entry known = flows.get(inside);
        if (known != null && known.flow.source().equals(source)) {
            touch(inside, known, nowNanos);
            return known.flow;
        }
        if (known != null) {
            remove(inside);
        }
        Outside outside = freePort(inside, target.virtual(), nowNanos);
        if (outside == null) {
            return null;
        }
        if (flows.size() >= LIMIT) {
            remove(flows.firstEntry().getKey());
        }
        Flow flow = new Flow(inside, outside, source);
        flows.put(inside, new Entry(flow, nowNanos));
        answers.put(outside, inside);
        return flow;
    }

    private @Nullable Outside freePort(Inside inside, IpAddress virtual, long nowNanos) {
        for (int tried = 0; tried < PORTS; tried++) {
            int port = FIRST_PORT + nextPort;
            nextPort = (nextPort + 1) % PORTS;
            Outside outside = new Outside(inside.protocol(), virtual, inside.remotePort(), port);
            Inside holder = answers.get(outside);
            if (holder == null) {
                return outside;
            }
            Entry held = flows.get(holder);
            if (held == null || nowNanos - held.usedNanos > IDLE_NANOS) {
                remove(holder);
                return outside;
            }
        }
        return null;
    }

    /** The connection that a packet which arrives belongs to; null if there is none. */
    @Nullable Flow arriving(Outside outside, IpAddress destination, long nowNanos) {
        Inside inside = answers.get(outside);
        Entry known = inside == null ? null : flows.get(inside);
        if (inside == null || known == null || !known.flow.source().equals(destination)) {
            return null;
        }
        touch(inside, known, nowNanos);
        return known.flow;
    }

    // The one that was silent for longest comes first.
    private void touch(Inside inside, Entry entry, long nowNanos) {
        entry.usedNanos = nowNanos;
        Entry _ = flows.remove(inside);
        Entry _ = flows.putLast(inside, entry);
    }

    private void remove(Inside inside) {
        Entry entry = flows.remove(inside);
        if (entry != null) {
            Inside _ = answers.remove(entry.flow.outside());
        }
    }

    int size() {
        return flows.size();
    }
}
