package io.weir.dataplane.worker;

import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.NeighbourResolver;
import io.weir.dataplane.spi.ForwarderFactory;
import io.weir.dataplane.spi.GatewayFactory;
import io.weir.dataplane.spi.SchedulerCatalog;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a worker is made of.
 *
 * @param connections the most connections and templates
 * @param fragmentedDatagrams the most datagrams whose fragments wait for others, 66 KiB each
 * @param routing whether IPv4 packets that are nobody's business here are routed on
 * @param routingIpv6 the same for IPv6
 * @param icmpErrorsPerSecond the most ICMP errors sent; 0 for no limit
 * @param catalog the scheduling algorithms
 * @param forwarders the forwarding methods
 * @param gateway follows the application protocols of some connections
 * @param steering takes the packets of expected connections from the host
 * @param resolver asks for neighbours; null lets the worker speak ARP itself
 * @param clock milliseconds that never go back
 * @param universalTime milliseconds since 1970, for timestamps that others read
 * @param random seeds hashes and serves schedulers
 * @param onFault hears of faults in weir itself
 * @param share its part of the clients
 */
public record WorkerOptions(
        int connections,
        int fragmentedDatagrams,
        boolean routing,
        boolean routingIpv6,
        int icmpErrorsPerSecond,
        SchedulerCatalog catalog,
        List<ForwarderFactory> forwarders,
        GatewayFactory gateway,
        EndpointSteering steering,
        @Nullable NeighbourResolver resolver,
        LongSupplier clock,
        LongSupplier universalTime,
        RandomGenerator random,
        Consumer<Throwable> onFault,
        WorkerShare share) {
    /** The default number of connections: 128 MiB of table. */
    public static final int DEFAULT_CONNECTIONS = 1 << 20;

    /** As net.ipv4.icmp_msgs_per_sec. */
    public static final int DEFAULT_ICMP_ERRORS = 1000;
}
