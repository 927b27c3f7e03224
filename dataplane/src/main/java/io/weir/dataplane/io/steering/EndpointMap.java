package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The hash map in the kernel that the steering program reads, and what it holds.
 *
 * <p>A key is protocol, zero, port in network order and a 16-byte address, IPv4 mapped into IPv6.
 * An entry with a port says what that endpoint is. An entry with port 0 says what every port of the
 * address is, and ({@link #SOME_PORTS}) whether there are entries with a port. An entry with
 * protocol 0 is an address of the host. Where rules have a zero, {@link ExpectedEndpoints} have the
 * side of theirs, so that neither touches the other's entries.
 */
final class EndpointMap implements AutoCloseable {
    static final int SIDE_OFFSET = 1;
    static final int PORT_OFFSET = 2;
    static final int ADDRESS_OFFSET = 4;
    static final int KEY_BYTES = 20;

    /** Bits of a value. */
    static final int VIRTUAL = 1;

    static final int SERVER = 1 << 2;
    private static final int OWN = 1 << 4;
    static final int TUNNEL = 1 << 6;

    /** Times one of the bits: some ports of this address have it. */
    static final int SOME_PORTS = 1 << 1;

    /** The protocol under which the host's own addresses are kept. */
    static final int OWN_PROTOCOL = 0;

    private static final int ALL_ENTRIES = 1 << 19;

    /**
     * Endpoints, their addresses and the host's addresses: 10,000 services with 10 servers each,
     * all with addresses of their own, need 220,000. Unused ones cost the kernel 16 bytes each.
     */
    static final int CAPACITY = ALL_ENTRIES - ExpectedEndpoints.CAPACITY;

    private final Descriptor map;
    private final NativeBlock key = new NativeBlock(KEY_BYTES);
    private final NativeBlock value = new NativeBlock(Integer.BYTES);

    /** What the kernel's map holds. */
    private final Map<Endpoint, Integer> entries = new HashMap<>();

    EndpointMap(String purpose) throws SystemCallException {
        map =
                Bpf.createMap(
                        Bpf.MAP_HASH,
                        KEY_BYTES,
                        Integer.BYTES,
                        ALL_ENTRIES,
                        Bpf.MAP_NO_PREALLOCATION,
                        purpose);
    }

    int descriptor() {
        return map.number();
    }

    /**
     * The entries that rules, servers beside them and the host's addresses come to; networks have
     * none.
     */
    static Map<Endpoint, Integer> entries(
            SteeringRules rules, Set<Prefix> hostPrefixes, Set<Endpoint> moreServers) {
        Map<Endpoint, Integer> entries = new HashMap<>();
        rules.virtualEndpoints().forEach(endpoint -> add(entries, endpoint, VIRTUAL));
        rules.serverEndpoints().forEach(endpoint -> add(entries, endpoint, SERVER));
        moreServers.forEach(endpoint -> add(entries, endpoint, SERVER));
        rules.tunnelEndpoints().forEach(endpoint -> add(entries, endpoint, TUNNEL));
        for (MasqueradeRule rule : rules.masqueraded()) {
            addAnsweredAt(entries, rule, hostPrefixes);
        }
        for (Prefix prefix : hostPrefixes) {
            if (prefix.isHost()) {
                entries.put(new Endpoint(OWN_PROTOCOL, prefix.network(), 0), OWN);
            }
        }
        return entries;
    }

    // Which of its ports are answered at, the worker says when it makes connections.
    private static void addAnsweredAt(
            Map<Endpoint, Integer> entries, MasqueradeRule rule, Set<Prefix> hostPrefixes) {
        IpAddress behind = rule.behind();
        Set<IpAddress> addresses = new HashSet<>();
        if (behind != null) {
            addresses.add(behind);
        } else {
            for (Prefix prefix : hostPrefixes) {
                if (prefix.isHost() && prefix.network().ipv6() == rule.ipv6()) {
                    addresses.add(prefix.network());
                }
            }
        }
        for (IpAddress address : addresses) {
            for (int protocol : new int[] {ServiceId.TCP, ServiceId.UDP}) {
                if (rule.protocol() == 0 || rule.protocol() == protocol) {
                    entries.merge(
                            new Endpoint(protocol, address, 0),
                            VIRTUAL * SOME_PORTS,
                            (a, b) -> a | b);
                }
            }
        }
    }

    private static void add(Map<Endpoint, Integer> entries, Endpoint endpoint, int bit) {
        entries.merge(endpoint, bit, (a, b) -> a | b);
        if (endpoint.port() != 0) {
            Endpoint address = new Endpoint(endpoint.protocol(), endpoint.address(), 0);
            entries.merge(address, bit * SOME_PORTS, (a, b) -> a | b);
        }
    }

    /**
     * Makes the map hold just these entries: first all that is new, then nothing that is old, so
     * that what both have is there all the time.
     *
     * @throws SteeringException if the kernel refuses new entries; those of before are in force
     */
    void replace(Map<Endpoint, Integer> wanted) throws SteeringException {
        Map<Endpoint, Integer> before = new HashMap<>(entries);
        try {
            for (Map.Entry<Endpoint, Integer> entry : wanted.entrySet()) {
                put(entry.getKey(), entry.getValue() | before.getOrDefault(entry.getKey(), 0));
            }
        } catch (SteeringException e) {
            retain(before);
            throw e;
        }
        retain(wanted);
    }

    /**
     * Adds entries for real servers.
     *
     * @throws SteeringException if the kernel refuses, with some of them there
     */
    void addServers(Set<Endpoint> servers) throws SteeringException {
        Map<Endpoint, Integer> wanted = new HashMap<>();
        servers.forEach(endpoint -> add(wanted, endpoint, SERVER));
        for (Map.Entry<Endpoint, Integer> entry : wanted.entrySet()) {
            put(entry.getKey(), entry.getValue() | entries.getOrDefault(entry.getKey(), 0));
        }
    }

    /** Takes away everything that is not wanted. */
    private void retain(Map<Endpoint, Integer> wanted) throws SteeringException {
        for (Endpoint endpoint : Set.copyOf(entries.keySet())) {
            Integer bits = wanted.get(endpoint);
            if (bits == null) {
                delete(endpoint);
            } else {
                put(endpoint, bits);
            }
        }
    }

    private void put(Endpoint endpoint, int bits) throws SteeringException {
        Integer present = entries.get(endpoint);
        if (present != null && present == bits) {
            return;
        }
        if (present == null && entries.size() == CAPACITY) {
            throw new SteeringException(refusal(Errno.E2BIG));
        }
        write(endpoint);
        Memory.putNativeInt(value.address(), bits);
        int result = Bpf.update(map.number(), key.address(), value.address());
        if (result < 0) {
            throw new SteeringException(refusal(-result));
        }
        entries.put(endpoint, bits);
    }

    private static String refusal(int errno) {
        return errno == Errno.E2BIG
                ? "cannot steer traffic: more than "
                        + CAPACITY
                        + " services, real servers and addresses; use fewer, or port 0 for all"
                        + " ports"
                : "cannot steer traffic: bpf(BPF_MAP_UPDATE_ELEM) failed with "
                        + Errno.name(errno)
                        + "; free memory";
    }

    private void delete(Endpoint endpoint) {
        write(endpoint);
        // Fails only for a key that is not there, which is what is wanted.
        Bpf.delete(map.number(), key.address());
        entries.remove(endpoint);
    }

    private void write(Endpoint endpoint) {
        long at = key.address();
        Memory.putU8(at, endpoint.protocol());
        Memory.putU8(at + SIDE_OFFSET, 0);
        Memory.putU16(at + PORT_OFFSET, endpoint.port());
        IpAddress address = endpoint.address();
        Memory.putU64(at + ADDRESS_OFFSET, address.high());
        Memory.putU64(
                at + ADDRESS_OFFSET + Long.BYTES,
                address.ipv6() ? address.low() : 0xffffL << 32 | address.low());
    }

    @Override
    public void close() {
        map.close();
        key.close();
        value.close();
    }
}
