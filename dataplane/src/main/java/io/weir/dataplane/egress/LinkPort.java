package io.weir.dataplane.egress;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.net.Link;

/** A port and what is known of the link it is on. Owned by the worker. */
public final class LinkPort {
    private final PacketPort port;
    private final int linkIndex;
    private Link link;

    public LinkPort(PacketPort port, Link link) {
        this.port = port;
        this.linkIndex = port.linkIndex();
        this.link = link;
    }

    public PacketPort port() {
        return port;
    }

    public int linkIndex() {
        return linkIndex;
    }

    public Link link() {
        return link;
    }

    public void update(Link changed) {
        link = changed;
    }
}
