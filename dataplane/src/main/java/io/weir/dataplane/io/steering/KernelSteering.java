package io.weir.dataplane.io.steering;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.TrafficSteering;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Traffic steering in the Linux kernel, for the interfaces it is attached to.
 *
 * <p>A packet socket opened with {@link #socketFilter} receives what an attached interface no
 * longer passes to the host. Until the first {@link #update} that is nothing.
 */
public final class KernelSteering implements TrafficSteering {
    private static final String PURPOSE = "steer traffic";

    /** More CPUs than the kernel can be built for; a per-CPU value comes in 8 bytes of each. */
    private static final int MAX_CPUS = 8192;

    private final EndpointMap endpoints;
    private final ExpectedEndpoints expected;
    private final MarkTrie marks;
    private final MasqueradeMap masquerades;
    private final @Nullable FlowMaps flows;
    private final @Nullable SynGate gate;
    private final Descriptor counter;
    private final Descriptor ingressProgram;

    /** Each worker's; just one without a gate. */
    private final List<Descriptor> socketPrograms;

    private final Map<Integer, Descriptor> links = new HashMap<>();
    private SteeringRules rules = SteeringRules.NONE;
    private Set<Prefix> hostPrefixes = Set.of();

    /** Real servers' endpoints beside those of the rules. */
    private Set<Endpoint> added = new HashSet<>();

    private long takenBeforeClose;
    private boolean closed;

    private KernelSteering(
            EndpointMap endpoints,
            MarkTrie marks,
            MasqueradeMap masquerades,
            @Nullable FlowMaps flows,
            @Nullable SynGate gate,
            Descriptor counter,
            Descriptor ingressProgram,
            List<Descriptor> socketPrograms) {
        this.endpoints = endpoints;
        this.expected = new ExpectedEndpoints(endpoints.descriptor());
        this.marks = marks;
        this.masquerades = masquerades;
        this.flows = flows;
        this.gate = gate;
        this.counter = counter;
        this.ingressProgram = ingressProgram;
        this.socketPrograms = socketPrograms;
    }

    /**
     * Loads the program, attached to nothing yet.
     *
     * @throws SystemCallException without CAP_BPF and CAP_NET_ADMIN
     */
    public static KernelSteering open() throws SystemCallException {
        return open(null, null);
    }

    /**
     * Loads the program, which also forwards flows by itself as {@link #flows} says, and refuses
     * SYNs as {@link #synCredits} say.
     *
     * @param bucketBits the logarithm to the base 2 of a quarter of the flows it has room for
     * @param seed the secret of the flows' hash
     * @param workers how many hand it flows
     * @throws SystemCallException without CAP_BPF and CAP_NET_ADMIN, or if the kernel is too old
     */
    public static KernelSteering openForwarding(int bucketBits, long seed, int workers)
            throws SystemCallException {
        FlowMaps flows = FlowMaps.open(bucketBits, seed, workers);
        SynGate gate = null;
        try {
            gate = SynGate.open(workers);
            return open(flows, gate);
        } catch (SystemCallException e) {
            if (gate != null) {
                gate.close();
            }
            flows.close();
            throw e;
        }
    }

    private static KernelSteering open(@Nullable FlowMaps flows, @Nullable SynGate gate)
            throws SystemCallException {
        EndpointMap endpoints = new EndpointMap(PURPOSE);
        MarkTrie marks = null;
        MasqueradeMap masquerades = null;
        Descriptor counter = null;
        Descriptor ingress = null;
        List<Descriptor> sockets = new ArrayList<>();
        try {
            marks = new MarkTrie(PURPOSE);
            masquerades = new MasqueradeMap(PURPOSE);
            counter = Bpf.createMap(Bpf.MAP_PERCPU_ARRAY, Integer.BYTES, Long.BYTES, 1, 0, PURPOSE);
            ingress =
                    Bpf.loadProgram(
                            Bpf.PROGRAM_SCHED_CLS,
                            StackPrograms.forIngress(
                                    endpoints, marks, masquerades, counter.number(), flows, gate),
                            PURPOSE);
            int different = gate == null ? 1 : gate.credits().size();
            for (int worker = 0; worker < different; worker++) {
                sockets.add(
                        Bpf.loadProgram(
                                Bpf.PROGRAM_SOCKET_FILTER,
                                StackPrograms.forSocket(
                                        endpoints, marks, masquerades, flows, gate, worker),
                                PURPOSE));
            }
            return new KernelSteering(
                    endpoints, marks, masquerades, flows, gate, counter, ingress, sockets);
        } catch (SystemCallException e) {
            sockets.forEach(Descriptor::close);
            if (ingress != null) {
                ingress.close();
            }
            if (counter != null) {
                counter.close();
            }
            if (masquerades != null) {
                masquerades.close();
            }
            if (marks != null) {
                marks.close();
            }
            endpoints.close();
            throw e;
        }
    }

    /**
     * Each worker's view of the flows that the kernel forwards, until {@link #freeMemory}; none if
     * it forwards none.
     */
    public List<FlowTable> flows() {
        return flows == null ? List.of() : flows.tables();
    }

    /**
     * By which each worker says when SYNs are refused, until {@link #freeMemory}; none if none are.
     */
    public List<SynCredit> synCredits() {
        return gate == null ? List.of() : gate.credits();
    }

    /** The descriptor of the program that lets the balancer's packets into a packet socket. */
    public int socketFilter(int worker) {
        return socketPrograms.get(worker % socketPrograms.size()).number();
    }

    /**
     * Loads the program that says which worker has a frame's client, for the sockets that they have
     * on one interface (PACKET_FANOUT_EBPF). The caller closes it.
     */
    public Descriptor loadWorkerChoice(ClientSpread spread) throws SystemCallException {
        return Bpf.loadProgram(
                Bpf.PROGRAM_SOCKET_FILTER,
                ClientChoice.program(endpoints, marks, masquerades, spread),
                PURPOSE);
    }

    /** Loads a filter for a socket that is to get nothing yet. The caller closes it. */
    public static Descriptor loadClosedFilter() throws SystemCallException {
        return Bpf.loadProgram(Bpf.PROGRAM_SOCKET_FILTER, ClientChoice.nobody(), PURPOSE);
    }

    /**
     * Loads a program for an interface's driver (XDP) that hands the bulk of the balancer's packets
     * to AF_XDP sockets; what it passes on meets the programs of {@link #attach} and {@link
     * #socketFilter}. The caller attaches and closes it. Any thread.
     *
     * @param sockets where there is none for a frame's worker and queue, it is passed on
     * @param mac the interface's address, in the low 48 bits; frames to others are passed on
     * @param longest the longest frame that they take, in bytes; longer ones are passed on
     * @param parts whether the program will see no more than the first part of long frames
     */
    public synchronized Descriptor loadDriverProgram(
            SocketMap sockets, long mac, int longest, boolean parts) throws SystemCallException {
        return Bpf.loadProgram(
                Bpf.PROGRAM_XDP,
                DriverProgram.program(
                        endpoints,
                        marks,
                        masquerades,
                        counter.number(),
                        sockets,
                        mac,
                        longest,
                        flows,
                        gate),
                parts ? Bpf.PROGRAM_XDP_HAS_FRAGMENTS : 0,
                PURPOSE);
    }

    /** The endpoints of connections that are expected; for all workers. */
    public EndpointSteering expected() {
        return expected;
    }

    /** For tests: the descriptor of the program at the ingress. */
    int ingressProgram() {
        return ingressProgram.number();
    }

    /**
     * Takes packets from the host that arrive on this interface, of the calling thread's network
     * namespace. Attached to already, it stays so.
     *
     * @throws SystemCallException if there is no such interface, or the kernel is too old
     */
    public synchronized void attach(int linkIndex, String name) throws SystemCallException {
        if (closed || links.containsKey(linkIndex)) {
            return;
        }
        int result =
                Bpf.createLink(
                        ingressProgram.number(),
                        linkIndex,
                        Bpf.ATTACH_TCX_INGRESS,
                        Bpf.LINK_BEFORE);
        if (result >= 0) {
            links.put(linkIndex, new Descriptor(result));
            return;
        }
        String purpose = "steer the traffic of " + name;
        String call = "bpf(BPF_LINK_CREATE)";
        throw result == -Errno.EINVAL
                ? new SystemCallException(
                        purpose, call, -result, "the kernel has no tcx: use Linux 6.6 or later")
                : new SystemCallException(purpose, call, -result);
    }

    /** What is done with the descriptors of {@link #withLinks}. */
    @FunctionalInterface
    public interface LinkUse<T> {
        T apply(int[] descriptors) throws SystemCallException;
    }

    /**
     * Does something with the descriptors of the programs at the interfaces, of which none is
     * closed meanwhile. The programs stay in force for as long as anybody has them open.
     */
    public synchronized <T> T withLinks(LinkUse<T> use) throws SystemCallException {
        return use.apply(links.values().stream().mapToInt(Descriptor::number).sorted().toArray());
    }

    /** Gives an interface back to the host; it may be gone already. */
    public synchronized void detach(int linkIndex) {
        Descriptor link = links.remove(linkIndex);
        if (link != null) {
            link.close();
        }
    }

    @Override
    public synchronized void update(SteeringRules newRules) throws SteeringException {
        if (!closed) {
            replace(newRules, hostPrefixes, new HashSet<>());
        }
    }

    @Override
    public synchronized void add(Set<Endpoint> serverEndpoints) throws SteeringException {
        if (!closed) {
            added.addAll(serverEndpoints);
            endpoints.addServers(serverEndpoints);
        }
    }

    /**
     * Says which addresses are the host's own. A real server's packets to these are left to the
     * host: they belong to its own connections, such as health checks. Packets to others are not
     * balanced for their mark.
     *
     * @throws SteeringException if the kernel refuses, the addresses of before staying in force
     */
    public synchronized void updateHost(Set<Prefix> prefixes) throws SteeringException {
        if (!closed) {
            replace(rules, prefixes, added);
        }
    }

    private void replace(SteeringRules newRules, Set<Prefix> prefixes, Set<Endpoint> more)
            throws SteeringException {
        if (gate != null) {
            // What is the balancer's no longer must not be refused; its endpoints come in last.
            gate.endpoints().retain(newRules.virtualEndpoints());
        }
        endpoints.replace(EndpointMap.entries(newRules, prefixes, more));
        try {
            marks.replace(newRules.marked(), prefixes);
            masquerades.replace(newRules.masqueraded());
        } catch (SteeringException e) {
            marks.replace(rules.marked(), hostPrefixes);
            endpoints.replace(EndpointMap.entries(rules, hostPrefixes, added));
            throw e;
        }
        rules = newRules;
        hostPrefixes = Set.copyOf(prefixes);
        added = more;
        if (gate != null) {
            gate.endpoints().add(newRules.virtualEndpoints());
        }
    }

    /** The prefixes for {@link #updateHost}: addresses of links, and local routes. */
    public static Set<Prefix> hostPrefixes(NetworkSnapshot network) {
        Set<Prefix> own = new HashSet<>();
        for (LinkAddress address : network.addresses()) {
            own.add(Prefix.host(address.address()));
        }
        for (Route route : network.routes()) {
            if (route.kind() == Route.Kind.LOCAL) {
                own.add(Prefix.of(route.destination(), route.prefixLength()));
            }
        }
        return own;
    }

    @Override
    public synchronized long takenPackets() {
        if (closed) {
            return takenBeforeClose;
        }
        try (NativeBlock key = new NativeBlock(Integer.BYTES);
                NativeBlock values = new NativeBlock((long) MAX_CPUS * Long.BYTES)) {
            if (Bpf.lookup(counter.number(), key.address(), values.address()) < 0) {
                return 0;
            }
            long sum = 0;
            for (long at = 0; at < values.bytes(); at += Long.BYTES) {
                sum += Memory.nativeLong(values.address() + at);
            }
            return sum;
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        takenBeforeClose = takenPackets();
        closed = true;
        links.values().forEach(Descriptor::close);
        links.clear();
        ingressProgram.close();
        socketPrograms.forEach(Descriptor::close);
        counter.close();
        masquerades.close();
        marks.close();
        endpoints.close();
    }

    /**
     * Frees the memory of {@link #flows} and {@link #synCredits}, after {@link #close} and the
     * workers' end.
     */
    public void freeMemory() {
        if (gate != null) {
            gate.close();
        }
        if (flows != null) {
            flows.close();
        }
    }
}
