package io.weir.schedulers;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * lblcr: as {@link LocalityLeastConnection}, but a destination has a set of servers. The set grows
 * under load, and loses its most loaded member when it has not changed for {@link
 * Sysctl#LBLCR_EXPIRATION} seconds, at the next pick (recorded: sched-lblcr-setexpire-1).
 */
final class LocalityLeastConnectionReplicated implements Scheduler {
    static final String NAME = "lblcr";

    private final Sysctls sysctls;
    private final DestinationTable table;
    private final LeastServer least;
    private final Underused underused;

    LocalityLeastConnectionReplicated(Sysctls sysctls, long secret) {
        this.sysctls = sysctls;
        this.table = new DestinationTable(secret);
        ServerIndex index = new ServerIndex();
        this.least = WeightedLeastConnection.least(index);
        this.underused = new Underused(index);
    }

    @Override
    public String name() {
        return NAME;
    }

    DestinationTable table() {
        return table;
    }

    @Override
    public @Nullable RealServer select(VirtualService service, FlowKey flow, long nowMillis) {
        DestinationTable.Entry entry = table.find(flow, nowMillis);
        if (entry != null) {
            // The member that is dropped may still get this one connection.
            RealServer member = leastLoaded(entry);
            if (entry.memberCount() > 1 && nowMillis - entry.lastModified() > expirationMillis()) {
                dropMostLoaded(entry, nowMillis);
            }
            if (member != null && !underused.insteadOf(member, service, nowMillis)) {
                return member;
            }
        }
        RealServer server = least.of(service.servers(), nowMillis);
        if (server == null) {
            return null;
        }
        if (entry != null) {
            entry.add(server, nowMillis);
        } else {
            table.put(flow, server, nowMillis);
        }
        return server;
    }

    // From the youngest member to the oldest, which matters between equals.
    private static @Nullable RealServer leastLoaded(DestinationTable.Entry entry) {
        RealServer least = null;
        for (int i = entry.memberCount() - 1; i >= 0; i--) {
            RealServer member = entry.member(i);
            if (member.available()
                    && member.eligible()
                    && (least == null || WeightedLeastConnection.lighter(member, least))) {
                least = member;
            }
        }
        return least;
    }

    private static void dropMostLoaded(DestinationTable.Entry entry, long nowMillis) {
        int most = -1;
        for (int i = entry.memberCount() - 1; i >= 0; i--) {
            RealServer member = entry.member(i);
            if (member.weight() > 0
                    && (most < 0 || WeightedLeastConnection.lighter(entry.member(most), member))) {
                most = i;
            }
        }
        if (most >= 0) {
            entry.remove(most, nowMillis);
        }
    }

    private long expirationMillis() {
        return 1000L * sysctls.get(Sysctl.LBLCR_EXPIRATION);
    }

    @Override
    public void serverAdded(VirtualService service, RealServer server) {
        table.replace(server);
    }

    @Override
    public void housekeeping(long nowMillis) {
        table.housekeeping(nowMillis, expirationMillis());
    }
}
