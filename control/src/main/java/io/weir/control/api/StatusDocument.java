package io.weir.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.weir.control.router.ConfiguredRouter;
import io.weir.control.router.RouterRefusal;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.sync.SyncDaemon;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The daemon at one instant, as the API shows it.
 *
 * @param version weir's version
 * @param java the Java runtime's version
 * @param pid its process
 * @param networkNamespace the kernel's name of its network namespace
 * @param started when it was ready, ISO 8601
 * @param uptimeSeconds since then
 * @param services number of virtual services
 * @param servers number of real servers, counted once for each service
 * @param connectionCapacity connections the table holds at most
 * @param workers what shares the clients, by its number
 * @param offloaded what the kernel forwards by itself, absent if nothing is handed to it
 * @param interfaces what it captures
 * @param syncDaemons the daemons that synchronise connections with another balancer
 * @param router what runs by a configuration, absent for a balancer alone
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record StatusDocument(
        String version,
        String java,
        long pid,
        String networkNamespace,
        String started,
        long uptimeSeconds,
        int services,
        int servers,
        int connectionCapacity,
        List<WorkerDocument> workers,
        @Nullable OffloadStatistics offloaded,
        List<Interface> interfaces,
        List<Sync> syncDaemons,
        @Nullable RouterDocument router) {
    /**
     * An interface.
     *
     * @param io how frames are moved: af_packet, af_xdp
     * @param ioDetail in which mode, or why not in another way; empty if there is nothing to say
     * @param attached false while it is gone
     */
    record Interface(String name, String io, String ioDetail, boolean attached) {}

    /**
     * A synchronisation daemon.
     *
     * @param role master or backup
     * @param on the interface's name
     * @param syncId 0 to 255
     */
    record Sync(String role, String on, int syncId) {
        static Sync of(SyncDaemon daemon) {
            return new Sync(daemon.role().word(), daemon.interfaceName(), daemon.syncId());
        }
    }

    static StatusDocument of(ApiBackend backend, Instant now) {
        List<Interface> interfaces = new ArrayList<>();
        for (BalancerView.Port port : backend.view().ports()) {
            interfaces.add(new Interface(port.name(), port.io(), port.ioDetail(), port.attached()));
        }
        List<ServiceListing> services = backend.administration().services();
        return new StatusDocument(
                backend.version(),
                Runtime.version().toString(),
                ProcessHandle.current().pid(),
                backend.networkNamespace(),
                backend.started().toString(),
                Duration.between(backend.started(), now).toSeconds(),
                services.size(),
                services.stream().mapToInt(service -> service.servers().size()).sum(),
                backend.administration().connectionCapacity(),
                backend.view().workers().stream().map(WorkerDocument::of).toList(),
                backend.view().offloaded(),
                interfaces,
                backend.administration().syncDaemons().stream().map(Sync::of).toList(),
                router(backend, services));
    }

    private static @Nullable RouterDocument router(
            ApiBackend backend, List<ServiceListing> services) {
        ConfiguredRouter router = backend.router();
        try {
            return router == null ? null : RouterDocument.of(router, services);
        } catch (RouterRefusal e) {
            return null;
        }
    }

    /** The same for a terminal. */
    String text(Instant now) {
        StringBuilder text = new StringBuilder();
        text.append("weir ").append(version).append(", Java ").append(java);
        text.append(", process ").append(pid).append(", up ");
        text.append(RouterDocument.span(started, now)).append('\n');
        text.append("network namespace ").append(networkNamespace).append('\n');
        text.append(services).append(services == 1 ? " service, " : " services, ");
        text.append(servers).append(servers == 1 ? " server, table of " : " servers, table of ");
        text.append(connectionCapacity).append(" connections\n");
        for (int i = 0; i < workers.size(); i++) {
            text.append(workers.size() == 1 ? "worker" : "worker " + i);
            text.append(workers.get(i).text());
        }
        if (offloaded != null) {
            text.append("in the kernel: ").append(offloaded.flows()).append(" of at most ");
            text.append(offloaded.capacity()).append(" flows, ");
            text.append(offloaded.packets()).append(" packets forwarded\n");
        }
        for (Interface port : interfaces) {
            text.append(port.name).append(" (").append(port.io).append(')');
            if (port.attached && !port.ioDetail.isEmpty()) {
                text.append(": ").append(port.ioDetail);
            }
            text.append(port.attached ? "\n" : " is gone\n");
        }
        for (Sync daemon : syncDaemons) {
            text.append(daemon.role).append(" sync daemon on ").append(daemon.on);
            text.append(", id ").append(daemon.syncId).append('\n');
        }
        if (router != null) {
            text.append(router.text(now));
        }
        return text.toString();
    }
}
