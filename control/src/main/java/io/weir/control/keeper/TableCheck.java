package io.weir.control.keeper;

import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the table with what it is to be: a change of a kept service that somebody else made is
 * found and can be undone; other services are nobody's business here.
 */
public final class TableCheck {
    private TableCheck() {}

    /**
     * The changes that make the table what it is to be.
     *
     * @param actual the whole table
     */
    public static List<TableChange> repairs(
            Map<ServiceId, ServiceEntry> intended, List<ServiceListing> actual) {
        Map<ServiceId, ServiceEntry> there = new LinkedHashMap<>();
        for (ServiceListing listing : actual) {
            if (intended.containsKey(listing.id())) {
                there.put(listing.id(), ServiceEntry.of(listing));
            }
        }
        List<TableChange> repairs = new ArrayList<>();
        intended.forEach(
                (id, entry) -> repairs.addAll(ServiceEntry.changes(id, there.get(id), entry)));
        return repairs;
    }
}
