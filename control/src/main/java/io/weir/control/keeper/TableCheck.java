package io.weir.control.keeper;

import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Compares the table with what it is to be: a change of a kept service that somebody else made is
 * found and can be undone; other services are nobody's business here.
 */
public final class TableCheck {
    private TableCheck() {}

    /**
     * The changes that make the table what it is to be.
     *
     * @param actual what the table has of a service, null for nothing; asked for one at a time,
     *     because each answer holds up packets a little
     */
    public static List<TableChange> repairs(
            Map<ServiceId, ServiceEntry> intended,
            Function<ServiceId, @Nullable ServiceListing> actual) {
        List<TableChange> repairs = new ArrayList<>();
        intended.forEach(
                (id, entry) -> {
                    ServiceListing listing = actual.apply(id);
                    ServiceEntry there = listing == null ? null : ServiceEntry.of(listing);
                    repairs.addAll(ServiceEntry.changes(id, there, entry));
                });
        return repairs;
    }
}
