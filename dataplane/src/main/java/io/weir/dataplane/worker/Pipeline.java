package io.weir.dataplane.worker;

import io.weir.dataplane.director.ConnectionScheduler;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.Dispatcher;
import io.weir.dataplane.director.ErrorAccounts;
import io.weir.dataplane.director.RelatedErrors;
import io.weir.dataplane.director.RelatedIcmpv6Errors;
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.director.TunnelErrors;
import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.egress.ForwardingPath;
import io.weir.dataplane.egress.Fragmenter;
import io.weir.dataplane.egress.IcmpErrors;
import io.weir.dataplane.egress.IpOptions;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.egress.LinkPorts;
import io.weir.dataplane.egress.OwnPackets;
import io.weir.dataplane.egress.PathMtu;
import io.weir.dataplane.egress.ScratchFrames;
import io.weir.dataplane.egress.TokenBucket;
import io.weir.dataplane.egress.Transmitter;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.fragment.Reassembly;
import io.weir.dataplane.header.Ipv4;
import io.weir.dataplane.host.HostStack;
import io.weir.dataplane.host.LinkNeighbours;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.packet.Verdict;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.spi.ApplicationGateway;
import io.weir.dataplane.spi.Forwarder;
import io.weir.dataplane.spi.ForwarderContext;
import io.weir.dataplane.spi.GatewayContext;

import org.jspecify.annotations.Nullable;

/** The steps of the worker's cycle and the parts they use. Owned by the worker thread. */
public final class Pipeline implements AutoCloseable {
    private final CachedClock clock = new CachedClock();
    private final DropCounters drops = new DropCounters();
    private final Network network = new Network();
    private final LinkPorts ports = new LinkPorts(network.wayChanges());
    private final PathMtu pathMtu = new PathMtu(network, ports, clock, drops);
    private final ScratchFrames scratch = new ScratchFrames();
    private final Intake intake;
    private final Transmitter transmitter;
    private final IcmpErrors errors;
    private final ForwardingPath path;
    private final SuperFramePath superFrames;
    private final HostDelivery host;
    private final Director director;
    private final Dispatcher dispatcher;
    private final SyncReporter reporter;
    private final RelatedErrors relatedErrors;
    private final TunnelErrors tunnelErrors;
    private final RelatedIcmpv6Errors relatedWideErrors;
    private final ApplicationGateway gateway;
    private final Router router;
    private final ForwardingMethods methods;
    private final FragmentIntake fragments;
    private final FastPath fast;
    private final NeighbourUpkeep upkeep;
    private @Nullable FlowOffload offload;

    Pipeline(WorkerOptions options) {
        director =
                new Director(
                        options.connections(),
                        options.catalog(),
                        options.steering(),
                        drops,
                        clock,
                        options.random(),
                        options.share());
        gateway =
                options.gateway()
                        .create(
                                new GatewayContext(
                                        director.table(), director.expectations(), drops));
        director.use(gateway);
        reporter = director.synchronisation().reporter();
        LinkNeighbours neighbours = new LinkNeighbours(network, ports, scratch, drops);
        NeighbourResolver given = options.resolver();
        transmitter = new Transmitter(ports, given == null ? neighbours : given, drops, clock);
        upkeep = new NeighbourUpkeep(network, transmitter);
        Fragmenter fragmenter = new Fragmenter(scratch, ports, transmitter, drops);
        OwnPackets own = new OwnPackets(scratch, network, ports, transmitter, fragmenter, drops);
        int limit = options.icmpErrorsPerSecond();
        TokenBucket bucket = new TokenBucket(limit, Math.max(1, limit / 20));
        errors = new IcmpErrors(own, network, drops, clock, bucket);
        Sysctls sysctls = director.sysctls();
        path =
                new ForwardingPath(
                        network, ports, pathMtu, transmitter, fragmenter, errors, drops, sysctls);
        IpOptions ipOptions = new IpOptions(network, errors, drops, options.universalTime());
        Reassembly reassembly =
                new Reassembly(
                        options.fragmentedDatagrams(),
                        options.random().nextLong(),
                        drops,
                        errors::reassemblyTimeExceeded);
        fragments = new FragmentIntake(reassembly, director.serviceTable(), network, clock);
        intake = new Intake(network, neighbours, transmitter, fragments, ipOptions, drops);
        superFrames = new SuperFramePath(path, director.table(), ports, scratch);
        ConnectionScheduler scheduler = scheduler();
        dispatcher = dispatcher(scheduler);
        host = host(own, options);
        director.masquerading().route(options.routing(), options.routingIpv6());
        ErrorAccounts accounts =
                new ErrorAccounts(director.table(), director.servers(), director.totalCounters());
        errors.listen(accounts);
        tunnelErrors = new TunnelErrors(director, network, pathMtu, errors, accounts, drops);
        relatedErrors =
                new RelatedErrors(
                        director.table(), director.serviceTable(), scheduler, sysctls, drops);
        relatedWideErrors =
                new RelatedIcmpv6Errors(
                        director.table(), director.serviceTable(), scheduler, sysctls, drops);
        router = new Router(network, path, errors, director, drops, options);
        ForwarderContext context =
                new ForwarderContext(network, own, drops, director.servers()::get, sysctls);
        methods = new ForwardingMethods(options.forwarders(), context);
        fast = new FastPath(director, network, ports, pathMtu, methods, drops, transmitter);
    }

    private HostDelivery host(OwnPackets own, WorkerOptions options) {
        HostStack stack = new HostStack(own, errors, drops, options.universalTime());
        return new HostDelivery(stack, dispatcher, director.table(), drops);
    }

    private ConnectionScheduler scheduler() {
        return new ConnectionScheduler(
                director.table(),
                director.persistenceData(),
                director.servers(),
                director.outwardServers(),
                director.life(),
                director.defence(),
                director.sysctls(),
                drops,
                clock,
                director.totalCounters());
    }

    private Dispatcher dispatcher(ConnectionScheduler scheduler) {
        return new Dispatcher(
                director.table(),
                director.serviceTable(),
                director.servers(),
                director.life(),
                director.expectations(),
                scheduler,
                errors,
                drops,
                director.sysctls(),
                network,
                director.masquerading(),
                director.synchronisation().receiver(),
                director.takeoverGrace());
    }

    void startCycle(long nowMillis) {
        clock.set(nowMillis);
        if (offload != null) {
            offload.startCycle(nowMillis);
        }
        director.startCycle();
    }

    /** Finds the headers; answers ARP; starts loading what the next step will look at. */
    void parse(PacketBurst burst, LinkPort in) {
        director.offloaded().hear(); // of what was there before this burst
        PlainPackets plain = fast.begin(burst, in);
        plain.recognise(burst);
        for (long rest = plain.others(burst); rest != 0; rest &= rest - 1) {
            int i = Long.numberOfTrailingZeros(rest);
            plain.note(i, parse(burst.get(i), in));
        }
        plain.touch(burst);
    }

    // Returns what its connection will be looked for by.
    private long parse(Packet packet, LinkPort in) {
        if (!intake.take(packet, in)) {
            return 0;
        }
        packet.setMark(director.marks().mark(packet));
        return dispatcher.identify(packet);
    }

    /** Binds each packet to its connection, in the order they came, and counts it there. */
    void findOrScheduleAndAccount(PacketBurst burst, LinkPort in) {
        for (int i = fast.forward(burst, 0); i < burst.size(); i = fast.forward(burst, i + 1)) {
            Packet packet = burst.get(i);
            if (fast.giveUp(i)) {
                parse(packet, in);
            }
            findOrScheduleAndAccount(packet);
        }
    }

    private void findOrScheduleAndAccount(Packet packet) {
        if (packet.verdict() == Verdict.UNDECIDED) {
            findOrSchedule(packet);
        }
        switch (packet.verdict()) {
            case BALANCE -> balance(packet);
            case ROUTE -> router.route(packet);
            case DELIVER -> host.deliver(packet);
            default -> {}
        }
    }

    private void findOrSchedule(Packet packet) {
        boolean balanced = balanced(packet.protocol());
        if (balanced && packet.portsPresent()) {
            dispatcher.dispatch(packet);
        } else if (packet.truncated()) {
            dispatcher.dispatchTruncated(packet);
        } else if (relatesToConnection(packet)) {
            // bound to the connection it is about, or dropped
        } else if (!network.isDestinationLocal(packet.endpoints())) {
            packet.setNextHopToDestination();
            packet.decide(Verdict.ROUTE);
        } else {
            packet.decide(Verdict.DELIVER);
        }
    }

    private boolean relatesToConnection(Packet packet) {
        boolean related =
                packet.ipv6()
                        ? packet.protocol() == Ipv4.PROTOCOL_ICMPV6
                                && relatedWideErrors.relate(packet)
                        : packet.protocol() == Ipv4.PROTOCOL_ICMP && relatedErrors.relate(packet);
        return related || tunnelErrors.relay(packet);
    }

    private static boolean balanced(int protocol) {
        return protocol == Ipv4.PROTOCOL_TCP
                || protocol == Ipv4.PROTOCOL_UDP
                || protocol == Ipv4.PROTOCOL_SCTP;
    }

    // The kernel counts a client's packet before it looks for the way out, and a server's reply
    // after (recorded: ip-ttl).
    private void balance(Packet packet) {
        ConnectionTable table = director.table();
        int method = table.method(packet.connection());
        Forwarder forwarder = methods.get(method);
        if (forwarder == null) {
            drops.drop(packet, DropReason.METHOD_UNSUPPORTED);
            return;
        }
        if (table.has(packet.connection(), ConnectionTable.FLAG_FOLLOWED)
                && packet.portsPresent()
                && !packet.related()) {
            gateway.follow(packet);
            if (packet.verdict() == Verdict.DROP) {
                return;
            }
        }
        if (!packet.reply()) {
            dispatcher.account(packet);
            if (!packet.related()) {
                reporter.clientPacket(packet.connection());
            }
        }
        if (path.admit(packet, forwarder.overheadBytes(table, packet.connection()))
                && !untranslatable(packet, method)) {
            if (packet.reply()) {
                dispatcher.account(packet);
                if (IpOptions.recorded(packet)) {
                    IpOptions.readdress(packet, replySource(packet));
                }
            }
            if (!packet.cut()) {
                methods.select(method, packet);
                fast.offerStepping(packet);
            }
        } else {
            if (packet.verdict() == Verdict.LOCAL) {
                host.deliverBalanced(packet);
            }
            if (!packet.reply()) {
                dispatcher.finish(packet);
            }
        }
    }

    // Other methods leave the transport header alone (recorded: ip-options).
    private boolean untranslatable(Packet packet, int method) {
        boolean cut = packet.truncated() && method == ForwardingMethod.MASQUERADE.code();
        if (cut) {
            drops.drop(packet, DropReason.TRANSPORT_TRUNCATED);
        }
        return cut;
    }

    // With snat_reroute the kernel looks up the way of a reply as if it were the virtual address's
    // own packet, and records that address (recorded: ip-options).
    private int replySource(Packet packet) {
        return director.sysctls().on(Sysctl.SNAT_REROUTE)
                ? director.table().virtual(packet.connection())
                : network.sourceFor(packet.destination());
    }

    /** Lets each forwarding method rewrite its packets. */
    void forward() {
        methods.forward(director.table());
    }

    /** Queues what goes on, in the order it came. */
    void transmit(PacketBurst burst) {
        for (int i = fast.send(burst, 0); i < burst.size(); i = fast.send(burst, i + 1)) {
            Packet packet = burst.get(i);
            Verdict verdict = packet.verdict();
            if (verdict == Verdict.BALANCE) {
                send(packet, methods.get(director.table().method(packet.connection())));
                dispatcher.finish(packet);
            } else if (verdict == Verdict.ROUTE) {
                send(packet, null);
            }
        }
    }

    private void send(Packet packet, @Nullable Forwarder forwarder) {
        if (packet.cut()) {
            superFrames.send(packet, forwarder);
        } else {
            path.send(packet);
        }
    }

    /** Forgets what a fault left half done. */
    void abandon() {
        methods.clear();
    }

    /** Hands all queued frames to the networks. */
    void flush() {
        fast.finish();
        ports.flush();
        host.flush();
        scratch.reset();
        fragments.release();
    }

    int housekeeping(int budget) {
        // First: what the kernel has forwarded renews connections that would expire otherwise.
        int work = offload == null ? 0 : offload.work(clock.millis());
        work += director.housekeeping(budget);
        int expired = fragments.expire();
        if (expired > 0) {
            work += expired;
            flush();
        }
        if (upkeep.work(clock.millis())) {
            flush();
        }
        return work;
    }

    /** Gives it the way to the host's own stack. */
    public void attachHost(PacketPort loopback) {
        host.attach(loopback);
    }

    /** Lets the kernel forward established flows itself from now on; before the first packet. */
    public void offload(FlowTable flows) {
        FlowOffload made = new FlowOffload(flows, director, network, ports, pathMtu, transmitter);
        offload = made;
        director.use(made);
        fast.use(made);
    }

    /** What the kernel forwards; null if nothing is handed to it. Any thread. */
    public @Nullable OffloadStatistics offloaded() {
        FlowOffload made = offload;
        return made == null ? null : made.statistics();
    }

    /** Replaces links, addresses and routes. */
    public void networkChanged(RoutedNetwork changed) {
        director.offloaded().withdrawAll();
        network.replace(changed);
        ports.update(changed.snapshot());
    }

    /** Takes news of a neighbour; packets that waited for it go or are given up. */
    public void neighbourChanged(NeighbourEntry entry) {
        Neighbour neighbour = network.update(entry);
        if (neighbour != null) {
            transmitter.changed(neighbour);
            if (offload != null) {
                offload.neighbourChanged();
            }
        }
    }

    public LinkPorts ports() {
        return ports;
    }

    Director director() {
        return director;
    }

    Network network() {
        return network;
    }

    DropCounters drops() {
        return drops;
    }

    FastPath fastPath() {
        return fast;
    }

    FragmentIntake fragments() {
        return fragments;
    }

    CachedClock clock() {
        return clock;
    }

    @Override
    public void close() {
        director.close();
        superFrames.close();
        transmitter.close();
        scratch.close();
        fragments.close();
    }
}
