package io.weir.dataplane.director;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_EXPECTED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_FOLLOWED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_MASQUERADED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_SYNCED;

import io.weir.dataplane.spi.ApplicationGateway;

import org.jspecify.annotations.Nullable;

/** Who is told when connections change or end. Owned by the worker. */
final class ConnectionListeners {
    private ApplicationGateway gateway = ApplicationGateway.NONE;
    private @Nullable ExpectedConnections expectations;
    private @Nullable Masquerading masquerading;
    private @Nullable SyncedConnections synced;
    private OffloadedFlows offloaded = OffloadedFlows.NONE;
    private int followed;

    /** Lets an application gateway follow the connections that it wants from now on. */
    void use(ApplicationGateway applicationGateway, ExpectedConnections expected) {
        gateway = applicationGateway;
        expectations = expected;
    }

    /** Tells it when connections of real servers end. */
    void use(Masquerading listener) {
        masquerading = listener;
    }

    /** Tells it when connections end of which another balancer has told. */
    void use(SyncedConnections listener) {
        synced = listener;
    }

    /** Tells it when connections change or end. */
    void use(OffloadedFlows flows) {
        offloaded = flows;
    }

    /** Who follows the connections with the flag for it. */
    ApplicationGateway gateway() {
        return gateway;
    }

    boolean follows(int protocol, int virtualPort) {
        return gateway.follows(protocol, virtualPort);
    }

    /** A connection that is followed has begun. */
    void followedBegins() {
        followed++;
    }

    /** How many connections an application gateway follows; any thread, some recent value. */
    int followed() {
        return followed;
    }

    /** A connection is about to change. */
    void changes(int slot) {
        offloaded.withdraw(slot);
    }

    /** An entry with these flags is about to be removed, and not in the expiry wheel any more. */
    void ends(int slot, int flags) {
        offloaded.ended(slot);
        if ((flags & (FLAG_FOLLOWED | FLAG_EXPECTED)) != 0) {
            tellGateway(slot, flags);
        }
        if ((flags & FLAG_MASQUERADED) != 0 && masquerading != null) {
            masquerading.ended(slot);
        }
        if ((flags & FLAG_SYNCED) != 0 && synced != null) {
            synced.ended(flags);
        }
    }

    private void tellGateway(int slot, int flags) {
        if ((flags & FLAG_EXPECTED) != 0 && expectations != null) {
            expectations.ended(slot);
        }
        followed -= (flags & FLAG_FOLLOWED) == 0 ? 0 : 1;
        gateway.ended(slot);
    }
}
