package io.weir.control.address;

import io.weir.dataplane.io.afpacket.FrameSender;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.netlink.AddressTable;
import io.weir.dataplane.net.netlink.HostAddress;
import io.weir.dataplane.net.netlink.LinkWatch;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The interfaces of the network namespace of the thread that opened this. One thread at a time. */
final class KernelInterfaces implements Interfaces, AutoCloseable {
    private static final Path SETTINGS = Path.of("/proc/sys/net/ipv6/conf");

    private final LinkWatch watch;
    private final AddressTable table;
    private final AnnouncementFrame frame = new AnnouncementFrame();

    private KernelInterfaces(LinkWatch watch, AddressTable table) {
        this.watch = watch;
        this.table = table;
    }

    static KernelInterfaces open() throws SystemCallException {
        LinkWatch watch = LinkWatch.open();
        try {
            return new KernelInterfaces(watch, AddressTable.open());
        } catch (SystemCallException e) {
            watch.close();
            throw e;
        }
    }

    /** Readable when there may be news of links. */
    int descriptor() {
        return watch.descriptor();
    }

    /** Takes in the news; true if there were any. */
    boolean refresh() throws SystemCallException {
        return watch.refresh();
    }

    @Override
    public @Nullable Link link(String name) {
        return watch.link(name);
    }

    @Override
    public boolean add(HostAddress address, int lifetimeSeconds) throws IOException {
        return table.add(address, lifetimeSeconds);
    }

    @Override
    public void renew(HostAddress address, int lifetimeSeconds) throws IOException {
        table.renew(address, lifetimeSeconds);
    }

    @Override
    public void remove(HostAddress address) throws IOException {
        table.remove(address);
    }

    @Override
    public List<HostAddress> marked() throws IOException {
        return table.marked();
    }

    @Override
    public void announce(Link link, List<IpAddress> addresses) throws IOException {
        boolean router = addresses.stream().anyMatch(IpAddress::ipv6) && forwardsIpv6(link.name());
        try (FrameSender sender = FrameSender.open(link.index(), link.name())) {
            for (IpAddress address : addresses) {
                sender.send(frame.address(), frame.write(address, link.mac(), router));
            }
        }
    }

    // RFC 4861 section 4.4: hosts that see an advertisement without the router flag no longer use
    // its sender as a router.
    private static boolean forwardsIpv6(String device) {
        try {
            return Files.readString(SETTINGS.resolve(device).resolve("forwarding"))
                    .strip()
                    .equals("1");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        watch.close();
        table.close();
        frame.close();
    }
}
