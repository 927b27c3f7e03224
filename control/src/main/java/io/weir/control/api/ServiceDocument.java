package io.weir.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A virtual service as the API shows it.
 *
 * @param id its path below /v1/services
 * @param protocol tcp, udp or sctp; null for a mark
 * @param address the virtual address; null for a mark
 * @param port the virtual port, 0 for all; null for a mark
 * @param mark the firewall mark, else null
 * @param scheduler the algorithm's name
 * @param schedulerFlags the numbers of the scheduler flags that are set
 * @param persistence null if the service is not persistent
 * @param onePacket whether each datagram is scheduled for itself
 * @param counters since the start or the last zeroing
 * @param servers in scheduling order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ServiceDocument(
        String id,
        @Nullable String protocol,
        @Nullable String address,
        @Nullable Integer port,
        @Nullable Integer mark,
        String scheduler,
        List<Integer> schedulerFlags,
        @Nullable Persistence persistence,
        boolean onePacket,
        CounterSnapshot counters,
        List<Server> servers) {
    /**
     * Persistence of a service.
     *
     * @param seconds the timeout of a template
     * @param netmask the client mask as an IPv4 address, or an IPv6 prefix length
     * @param engine the persistence engine, null for none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Persistence(int seconds, String netmask, @Nullable String engine) {}

    /**
     * A real server of the service.
     *
     * @param method masquerade, route, tunnel, local or bypass
     * @param tunnel null unless the method is tunnel
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Server(
            String address,
            int port,
            String method,
            int weight,
            int upperThreshold,
            int lowerThreshold,
            @Nullable Tunnel tunnel,
            long active,
            long inactive,
            long persistent,
            CounterSnapshot counters) {}

    /** The encapsulation for a real server. */
    record Tunnel(String type, int port, String checksum) {}

    static ServiceDocument of(ServiceListing listing) {
        ServiceId id = listing.id();
        ServiceSettings settings = listing.settings();
        boolean mark = id.isMark();
        List<Server> servers = new ArrayList<>();
        for (ServerListing server : listing.servers()) {
            servers.add(server(server));
        }
        return new ServiceDocument(
                path(id),
                mark ? null : Protocols.name(id.protocol()),
                mark ? null : id.address().toString(),
                mark ? null : (Integer) id.port(),
                mark ? (Integer) id.mark() : null,
                settings.scheduler(),
                flags(settings.schedulerFlags()),
                settings.persistent() ? persistence(id, settings) : null,
                settings.onePacket(),
                listing.counters(),
                servers);
    }

    private static String path(ServiceId id) {
        if (id.isMark()) {
            return (id.address().ipv6() ? "mark6/" : "mark/") + Integer.toUnsignedString(id.mark());
        }
        return Protocols.name(id.protocol()) + "/" + id.address() + "/" + id.port();
    }

    private static List<Integer> flags(int bits) {
        List<Integer> flags = new ArrayList<>();
        for (int number = 1; number <= 3; number++) {
            if ((bits >> (number - 1) & 1) != 0) {
                flags.add(number);
            }
        }
        return flags;
    }

    private static Persistence persistence(ServiceId id, ServiceSettings settings) {
        String netmask =
                id.address().ipv6()
                        ? Integer.toString(settings.netmask())
                        : IpAddress.v4(settings.netmask()).toString();
        return new Persistence(settings.persistentSeconds(), netmask, settings.persistenceEngine());
    }

    private static Server server(ServerListing listing) {
        ServerSettings settings = listing.settings();
        return new Server(
                listing.id().address().toString(),
                listing.id().port(),
                word(settings.method()),
                settings.weight(),
                settings.upperThreshold(),
                settings.lowerThreshold(),
                tunnel(settings),
                listing.active(),
                listing.inactive(),
                listing.persistent(),
                listing.counters());
    }

    private static @Nullable Tunnel tunnel(ServerSettings settings) {
        return switch (settings.method()) {
            case TUNNEL ->
                    new Tunnel(
                            word(settings.tunnel().type()),
                            settings.tunnel().port(),
                            word(settings.tunnel().checksum()));
            case MASQUERADE, LOCAL, ROUTE, BYPASS -> null;
        };
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
