package io.weir.control.keeper;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the table has of a virtual service.
 *
 * @param servers its real servers, in the order in which they are added
 */
public record ServiceEntry(ServiceSettings settings, Map<ServerId, ServerEntry> servers) {
    public ServiceEntry {
        servers = Collections.unmodifiableMap(new LinkedHashMap<>(servers));
    }

    static ServiceEntry of(ServiceListing listing) {
        Map<ServerId, ServerEntry> servers = new LinkedHashMap<>();
        for (ServerListing server : listing.servers().reversed()) {
            servers.put(server.id(), ServerEntry.of(server));
        }
        return new ServiceEntry(listing.settings(), servers);
    }

    /**
     * The changes that make one of the other; null stands for a service that is not there. Packets
     * come between any two of them, so that servers that get no connections any more are the last.
     */
    static List<TableChange> changes(
            ServiceId id, @Nullable ServiceEntry before, @Nullable ServiceEntry after) {
        List<TableChange> changes = new ArrayList<>();
        if (after == null) {
            if (before != null) {
                before.servers.forEach(
                        (server, entry) ->
                                changes.add(new TableChange.DeleteServer(id, server, entry)));
                changes.add(new TableChange.DeleteService(id, before.settings));
            }
            return changes;
        }
        if (before == null) {
            changes.add(new TableChange.AddService(id, after.settings));
        } else if (!before.settings.equals(after.settings)) {
            changes.add(new TableChange.EditService(id, before.settings, after.settings));
        }
        Map<ServerId, ServerEntry> old = before == null ? Map.of() : before.servers;
        List<TableChange> last = new ArrayList<>();
        after.servers.forEach(
                (server, entry) -> {
                    ServerEntry was = old.get(server);
                    boolean ceases = was != null && was.serves() && !entry.serves();
                    add(ceases ? last : changes, id, server, was, entry);
                });
        old.forEach(
                (server, entry) -> {
                    if (!after.servers.containsKey(server)) {
                        last.add(new TableChange.DeleteServer(id, server, entry));
                    }
                });
        changes.addAll(last);
        return changes;
    }

    /** Adds the change that makes one entry of the other, if there is one. */
    static void add(
            List<TableChange> changes,
            ServiceId id,
            ServerId server,
            @Nullable ServerEntry before,
            @Nullable ServerEntry after) {
        if (before == null && after != null) {
            changes.add(new TableChange.AddServer(id, server, after));
        } else if (before != null && after == null) {
            changes.add(new TableChange.DeleteServer(id, server, before));
        } else if (before != null && after != null && !before.equals(after)) {
            changes.add(new TableChange.EditServer(id, server, before, after));
        }
    }
}
