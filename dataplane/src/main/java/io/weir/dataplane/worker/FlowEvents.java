package io.weir.dataplane.worker;

import static io.weir.dataplane.flow.ConnectionTable.FLAG_RETIRED;
import static io.weir.dataplane.flow.ConnectionTable.FLAG_USED;

import io.weir.dataplane.director.ConnectionLife;
import io.weir.dataplane.director.Director;
import io.weir.dataplane.director.SyncReporter;
import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.offload.FlowTable;

/**
 * Advances connections by what the kernel tells of segments that it has forwarded. Whoever is to
 * see a connection's state lets it do so first, so that nobody sees an older one than if the
 * segments had come here.
 *
 * <p>Owned by the worker. Allocates nothing.
 */
final class FlowEvents {
    private static final int IN_USE = FLAG_USED | FLAG_RETIRED;

    private final EventRing ring;
    private final FlowTable flows;
    private final FlowPlaces places;
    private final ConnectionTable table;
    private final ConnectionLife life;
    private final SyncReporter reporter;
    private final FlowEnds ends = new FlowEnds();

    FlowEvents(FlowTable flows, FlowPlaces places, Director director) {
        this.ring = flows.events();
        this.flows = flows;
        this.places = places;
        this.table = director.table();
        this.life = director.life();
        this.reporter = director.synchronisation().reporter();
    }

    /**
     * Takes what has been told up to now, a ringful at most.
     *
     * @return how many events
     */
    int take() {
        int taken = 0;
        while (taken < EventRing.CAPACITY) {
            long event = ring.take();
            if (event == EventRing.NONE) {
                break;
            }
            taken++;
            advance(EventRing.place(event), event);
        }
        if (taken > 0) {
            ring.makeRoom();
        }
        return taken;
    }

    private void advance(int place, long event) {
        int slot = places.connection(place);
        boolean reply = places.isReply(place);
        if (places.isFree(place) || (table.flags(slot) & IN_USE) != FLAG_USED) {
            return;
        }
        ends.set(table, slot, reply);
        if (!EventRing.isOf(event, ends.ports()) || !flows.isOf(place, ends)) {
            return; // it has ended, and another one has its slot
        }
        if (life.passed(slot, reply, EventRing.tcpFlags(event))) {
            reporter.clientPacket(slot);
        }
        if (places.isOpening(place) && TcpState.opened(table.state(slot))) {
            places.opened(place);
            flows.putOpened(place);
        }
    }
}
