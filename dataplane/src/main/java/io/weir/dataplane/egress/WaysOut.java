package io.weir.dataplane.egress;

import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.Network;
import io.weir.dataplane.net.WayChanges;

import org.jspecify.annotations.Nullable;

/**
 * Remembers how packets leave for destinations whose neighbour is known by a link that is up, and
 * of which no router has said that packets to there must be shorter. Owned by the worker.
 *
 * <p>Keeps {@value #ENTRIES} destinations, and beside them one way for all those that begin with
 * the same byte where routing makes no difference between these: the many clients behind a gateway
 * do not push each other out. Whatever changes makes all of them be found anew.
 */
public final class WaysOut {
    private static final int ENTRIES = 4096;

    private final Network network;
    private final LinkPorts ports;
    private final PathMtu pathMtu;
    private final WayChanges changes;
    private final @Nullable WayOut[] ways = new WayOut[ENTRIES];
    private final @Nullable WayOut[] commonWays = new WayOut[256];

    public WaysOut(Network network, LinkPorts ports, PathMtu pathMtu) {
        this.network = network;
        this.ports = ports;
        this.pathMtu = pathMtu;
        this.changes = network.wayChanges();
    }

    /** The way to an IPv4 address; null if a packet to there takes more than usual. */
    public @Nullable WayOut to(int address) {
        int at = (address * 0x9E3779B1) >>> 20;
        WayOut known = ways[at];
        if (known != null && known.leadsTo(address, changes.count())) {
            return known;
        }
        Neighbour hop = network.nextHop(address);
        return hop == null || pathMtu.knows(address) ? null : find(ways, at, address, hop);
    }

    /** The same for an address of which there may be many more than this remembers. */
    public @Nullable WayOut toOneOfMany(int address) {
        int first = address >>> 24;
        WayOut known = commonWays[first];
        if (known != null && known.leadsTo(first, changes.count())) {
            return known;
        }
        Neighbour hop = network.commonNextHop(address);
        return hop == null ? to(address) : find(commonWays, first, first, hop);
    }

    /**
     * Finds the way to an IPv4 address for somebody who keeps it, and knows when to ask again.
     *
     * @param way set to that, or so that it leads nowhere
     * @return whether it leads there
     */
    public boolean find(WayOut way, int address) {
        Neighbour hop = network.nextHop(address);
        LinkPort out = ports.towards(hop);
        if (hop == null || out == null || pathMtu.knows(address)) {
            way.clear();
            return false;
        }
        way.set(address, changes.count(), hop, out);
        return true;
    }

    private @Nullable WayOut find(@Nullable WayOut[] among, int at, int key, Neighbour hop) {
        LinkPort out = ports.towards(hop);
        if (out == null) {
            return null;
        }
        WayOut way = among[at];
        if (way == null) {
            way = new WayOut();
            among[at] = way;
        }
        way.set(key, changes.count(), hop, out);
        return way;
    }
}
