package io.weir.dataplane.egress;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.Neighbour;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.WayChanges;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** The worker's ports, by number and by link index. Owned by the worker. */
public final class LinkPorts {
    private final WayChanges changes;
    private final List<LinkPort> ports = new ArrayList<>();
    private @Nullable LinkPort[] byIndex = new LinkPort[4];

    /** No ports yet; whatever happens to them is counted. */
    public LinkPorts(WayChanges changes) {
        this.changes = changes;
    }

    /** Adds a port, or puts it in the place of one on the same link. */
    public void add(LinkPort added) {
        ports.removeIf(port -> port.linkIndex() == added.linkIndex());
        ports.add(added);
        index();
    }

    /** Takes a port out. */
    public void remove(LinkPort removed) {
        ports.remove(removed);
        index();
    }

    private void index() {
        changes.note();
        int length = Integer.highestOneBit(Math.max(4, ports.size() * 4));
        @Nullable LinkPort[] table = new LinkPort[length];
        for (LinkPort port : ports) {
            int at = port.linkIndex() & (length - 1);
            while (table[at] != null) {
                at = (at + 1) & (length - 1);
            }
            table[at] = port;
        }
        byIndex = table;
    }

    public int size() {
        return ports.size();
    }

    public LinkPort get(int number) {
        return ports.get(number);
    }

    /** The port on a link, or null if that link has none. */
    public @Nullable LinkPort onLink(int linkIndex) {
        int mask = byIndex.length - 1;
        int at = linkIndex & mask;
        for (LinkPort port = byIndex[at]; port != null; port = byIndex[at]) {
            if (port.linkIndex() == linkIndex) {
                return port;
            }
            at = (at + 1) & mask;
        }
        return null;
    }

    /** The port towards a neighbour that is known, on a link that is up; null if there is none. */
    public @Nullable LinkPort towards(@Nullable Neighbour hop) {
        LinkPort out = hop == null || !hop.usable() ? null : onLink(hop.linkIndex());
        return out == null || !out.link().up() ? null : out;
    }

    /** Takes news of links: Ethernet addresses, sizes, up or down. */
    public void update(NetworkSnapshot network) {
        changes.note();
        for (Link link : network.links()) {
            LinkPort port = onLink(link.index());
            if (port != null) {
                port.update(link);
            }
        }
    }

    /** Hands everything queued to the networks. */
    public void flush() {
        for (int i = 0; i < ports.size(); i++) {
            ports.get(i).port().flush();
        }
    }
}
