package io.weir.dataplane.director;

import io.weir.dataplane.egress.CachedClock;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.service.TrafficCounters;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.ApplicationGateway;
import io.weir.dataplane.spi.SchedulerCatalog;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Services, servers, connections and their counters, with the operator's view of them.
 *
 * <p>Every method is the worker's, but {@link #connections}, {@link #totals}, {@link #makeRoom} and
 * {@link #connectionCapacity}, which any thread may call.
 */
public final class Director implements Administration, AutoCloseable {
    private static final int MOST_QUIET_TICKS = 9;

    /** A key of a persistence engine comes with a template and a connection at least. */
    private static final int CONNECTIONS_PER_KEY = 4;

    /** Makes another secret of one; the sequence of random numbers stays what it was. */
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private final ServiceTable services = new ServiceTable();
    private final ServerRegistry servers;
    private final Sysctls sysctls = new Sysctls();
    private final StateTimeouts timeouts = new StateTimeouts();
    private final TrafficCounters totals = new TrafficCounters();
    private final ConnectionTable table;
    private final PersistenceData persistenceData;
    private final ExpiryWheel wheel;
    private final ConnectionLife life;
    private final ConnectionSweep sweep;
    private final Defence defence;
    private final Housekeeping housekeeping;
    private final Rules rules;
    private final ExpectedConnections expectations;
    private final Masquerading masquerading;
    private final NatEndpoints natEndpoints = new NatEndpoints();
    private final OutwardServers outwardServers = new OutwardServers(services);
    private final CachedClock clock;
    private final TakeoverGrace takeoverGrace;
    private final Synchronisation synchronisation;
    private OffloadedFlows offloaded = OffloadedFlows.NONE;
    private MarkTable marks = MarkTable.EMPTY;
    private boolean steeringStale = true;

    /**
     * Makes a director without services.
     *
     * @param connections the most connections and templates
     * @param steering takes the packets of expected connections
     * @param random seeds the table's hash and serves schedulers
     * @param share the clients whose connections it has
     */
    public Director(
            int connections,
            SchedulerCatalog catalog,
            EndpointSteering steering,
            DropCounters drops,
            CachedClock clock,
            RandomGenerator random,
            WorkerShare share) {
        long seed = random.nextLong();
        this.servers = new ServerRegistry(share);
        this.table = new ConnectionTable(connections, seed);
        this.persistenceData =
                new PersistenceData(
                        Math.max(1, connections / CONNECTIONS_PER_KEY), random.nextLong());
        this.wheel = new ExpiryWheel(table);
        this.defence = new Defence(sysctls, table);
        this.life = new ConnectionLife(table, persistenceData, wheel, servers, timeouts, defence);
        this.expectations = new ExpectedConnections(table, life, servers, steering, drops);
        this.masquerading =
                new Masquerading(
                        table, life, services, steering, drops, Long.rotateLeft(seed, 23) * PRIME);
        life.listeners().use(masquerading);
        this.sweep = new ConnectionSweep(table, life, servers, sysctls);
        this.rules =
                new Rules(
                        services,
                        servers,
                        catalog,
                        persistenceData,
                        sysctls,
                        random,
                        share.divided(),
                        natEndpoints,
                        outwardServers);
        this.housekeeping =
                new Housekeeping(
                        table, wheel, life, sweep, defence, services, servers, totals, sysctls,
                        drops);
        this.clock = clock;
        this.takeoverGrace = new TakeoverGrace(services, natEndpoints, clock);
        this.synchronisation =
                Synchronisation.of(this, wheel, timeouts, clock, catalog, drops, share);
    }

    /** What synchronisation daemons do with connections. */
    public Synchronisation synchronisation() {
        return synchronisation;
    }

    public ConnectionTable table() {
        return table;
    }

    public OutwardServers outwardServers() {
        return outwardServers;
    }

    public PersistenceData persistenceData() {
        return persistenceData;
    }

    public ServiceTable serviceTable() {
        return services;
    }

    public ServerRegistry servers() {
        return servers;
    }

    public ConnectionLife life() {
        return life;
    }

    /** What new connections have to pass. */
    public Defence defence() {
        return defence;
    }

    /** Packets of connections that the partner may still tell about. */
    public TakeoverGrace takeoverGrace() {
        return takeoverGrace;
    }

    /** Connections that are expected. */
    public ExpectedConnections expectations() {
        return expectations;
    }

    /** Lets an application gateway follow the connections that it wants from now on. */
    public void use(ApplicationGateway gateway) {
        life.listeners().use(gateway, expectations);
    }

    /** Tells whoever forwards packets elsewhere what may have changed for these. */
    public void use(OffloadedFlows flows) {
        offloaded = flows;
        life.listeners().use(flows);
    }

    /** Connections whose packets are forwarded elsewhere. */
    public OffloadedFlows offloaded() {
        return offloaded;
    }

    public Sysctls sysctls() {
        return sysctls;
    }

    public TrafficCounters totalCounters() {
        return totals;
    }

    /** Sets the time of this cycle for everything that lives or dies by it. */
    public void startCycle() {
        life.setNow((int) (clock.millis() / ExpiryWheel.TICK_MILLIS));
        defence.admission().startCycle(clock.millis());
        offloaded.hear();
    }

    /**
     * Does a bounded part of what time brings: expiry, sweeps, rates, and once a second the rest.
     *
     * @return what was done; more is due if it is at least {@code budget}
     */
    public int housekeeping(int budget) {
        int work = housekeeping.step(clock.millis(), budget);
        work += synchronisation.work();
        steeringStale |= servers.lingeringChanged();
        return work;
    }

    /**
     * How long nothing is due, in milliseconds. What happens once in seconds may be late by as
     * much.
     */
    public int quietMillis() {
        int ticks = synchronisation.runs() ? 0 : wheel.quietTicks(MOST_QUIET_TICKS);
        return (ticks + 1) * ExpiryWheel.TICK_MILLIS;
    }

    /** Whether {@link #steeringRules} may have changed since it was last called. */
    public boolean steeringStale() {
        return steeringStale;
    }

    /** The packets that belong to the balancer by the rules as they are now. */
    public SteeringRules steeringRules() {
        return steeringSources().rules();
    }

    /**
     * What {@link #steeringRules} are derived from. To derive them takes long when there are many
     * servers; whoever has this can do so beside the worker.
     */
    public SteeringSources steeringSources() {
        steeringStale = false;
        return new SteeringSources(
                ServiceServers.of(services),
                servers.removed(),
                marks.rules(),
                masquerading.rules().rules());
    }

    /** What gives packets firewall marks. */
    public MarkTable marks() {
        return marks;
    }

    public void setMarks(MarkTable table) {
        offloaded.withdrawAll();
        marks = table;
        steeringStale = true;
    }

    /** Connections that real servers open, and the rules that hide them behind an address. */
    public Masquerading masquerading() {
        return masquerading;
    }

    public void setMasquerading(MasqueradeTable rules) {
        offloaded.withdrawAll();
        masquerading.replace(rules);
        steeringStale = true;
    }

    private RuleResult changed(RuleResult result) {
        if (result == RuleResult.DONE) {
            offloaded.withdrawAll();
            steeringStale = true;
        }
        return result;
    }

    /** Whether a packet comes from the endpoint of a real server that is reached by NAT. */
    public boolean isFromNatServer(Endpoints packet) {
        return natEndpoints.sent(packet);
    }

    /**
     * Makes the room that a rule with this address needs; any thread. Whoever calls it before the
     * rule is added spares the worker the time.
     */
    public void makeRoom(IpAddress address) {
        if (address.ipv6()) {
            table.makeWide();
        }
    }

    // Room for whole addresses is made when the first IPv6 rule comes, not when its packets do.
    private RuleResult changed(RuleResult result, IpAddress address) {
        if (result == RuleResult.DONE) {
            makeRoom(address);
        }
        return changed(result);
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        return changed(rules.addService(id, settings), id.address());
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        return rules.editService(id, settings);
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        RuleResult result = changed(rules.deleteService(id));
        sweepAfterRemoval();
        return result;
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        return changed(rules.addServer(service, id, settings), id.address());
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        return changed(rules.editServer(service, id, settings));
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        RuleResult result = changed(rules.deleteServer(service, id));
        sweepAfterRemoval();
        return result;
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        return changed(rules.drainServer(service, id, draining));
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        RuleResult result = changed(rules.expelServer(service, id));
        sweep.start();
        return result;
    }

    private void sweepAfterRemoval() {
        if (sysctls.on(Sysctl.EXPIRE_NODEST_CONN)) {
            sweep.start();
        }
    }

    @Override
    public void clear() {
        rules.clear();
        sweepAfterRemoval();
        changed(RuleResult.DONE);
    }

    @Override
    public RuleResult zero(@Nullable ServiceId service) {
        offloaded.count();
        if (service == null) {
            zeroTotals();
        }
        return rules.zero(service);
    }

    /** Lets the counters of the whole balancer start again at 0. */
    public void zeroTotals() {
        offloaded.count();
        totals.zero();
    }

    @Override
    public void setTimeouts(Timeouts changed) {
        offloaded.withdrawAll();
        timeouts.configure(changed);
    }

    @Override
    public Timeouts timeouts() {
        return timeouts.configured();
    }

    @Override
    public List<ServiceListing> services() {
        List<ServiceListing> listings = new ArrayList<>(services.size());
        for (ServiceServers service : serviceServers()) {
            listings.add(service.listing());
        }
        return listings;
    }

    /** The services and their servers, to be listed beside the worker. */
    public List<ServiceServers> serviceServers() {
        offloaded.count();
        return ServiceServers.of(services);
    }

    @Override
    public @Nullable ServiceListing service(ServiceId id) {
        offloaded.count();
        VirtualService service = services.get(id);
        return service == null ? null : new ServiceServers(service).listing();
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {
        ConnectionLister.list(
                table, persistenceData, (int) (clock.millis() / ExpiryWheel.TICK_MILLIS), consumer);
    }

    @Override
    public CounterSnapshot totals() {
        return totals.snapshot();
    }

    @Override
    public int followedConnections() {
        return life.listeners().followed();
    }

    @Override
    public int connectionCapacity() {
        return table.capacity();
    }

    /** Connections and templates in the table. */
    public int connectionCount() {
        return table.size();
    }

    @Override
    public void close() {
        offloaded.close();
        synchronisation.close();
        persistenceData.close();
        wheel.close();
        table.close();
    }
}
