package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The links and addresses of a network namespace, for a thread that has a poll of its own and no
 * use for routes and neighbours, of which there may be a million.
 *
 * <p>Used by one thread at a time.
 */
public final class LinkWatch implements AutoCloseable {
    private static final String PURPOSE = "watch the interfaces";

    // RTMGRP bits of linux/rtnetlink.h: links, and addresses of both families.
    private static final int GROUPS = 0x1 | 0x10 | 0x100;

    private static final int RECEIVES_PER_TURN = 1024;

    private final NetlinkSocket news;
    private final NetlinkSocket requests;
    private final NetworkReader reader;
    private List<Link> links = List.of();
    private List<LinkAddress> addresses = List.of();

    private LinkWatch(NetlinkSocket news, NetlinkSocket requests) {
        this.news = news;
        this.requests = requests;
        this.reader = new NetworkReader(requests);
    }

    /** Starts to watch the calling thread's network namespace; links and addresses are known. */
    public static LinkWatch open() throws SystemCallException {
        NetlinkSocket news = new NetlinkSocket(GROUPS, PURPOSE);
        NetlinkSocket requests = null;
        try {
            requests = new NetlinkSocket(0, PURPOSE);
            LinkWatch watch = new LinkWatch(news, requests);
            watch.read();
            return watch;
        } catch (SystemCallException e) {
            if (requests != null) {
                requests.close();
            }
            news.close();
            throw e;
        }
    }

    /** Readable when there may be changes: time for {@link #refresh}. */
    public int descriptor() {
        return news.descriptor();
    }

    /**
     * Takes in what is new.
     *
     * @return true if links or addresses are not as before
     */
    public boolean refresh() throws SystemCallException {
        boolean any = false;
        for (int i = 0; i < RECEIVES_PER_TURN; i++) {
            try {
                ByteBuffer received = news.receive(false);
                if (received == null) {
                    break;
                }
                any = any || !isKnown(received);
            } catch (SystemCallException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                any = true;
            }
        }
        return any && read();
    }

    // Addresses whose life is extended are news every second.
    private boolean isKnown(ByteBuffer received) {
        for (NetlinkMessage message = NetlinkMessage.next(received);
                message != null;
                message = NetlinkMessage.next(received)) {
            LinkAddress address =
                    message.type() == RouteMessages.NEW_ADDRESS
                            ? RouteMessages.address(message.body())
                            : null;
            if (address == null || !addresses.contains(address)) {
                return false;
            }
        }
        return true;
    }

    private boolean read() throws SystemCallException {
        List<Link> linksBefore = links;
        List<LinkAddress> addressesBefore = addresses;
        links = reader.links();
        addresses = reader.addresses();
        return !links.equals(linksBefore) || !addresses.equals(addressesBefore);
    }

    public List<Link> links() {
        return links;
    }

    public List<LinkAddress> addresses() {
        return addresses;
    }

    /** The link of a name, or null. */
    public @Nullable Link link(String name) {
        for (Link link : links) {
            if (link.name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    @Override
    public void close() {
        news.close();
        requests.close();
    }
}
