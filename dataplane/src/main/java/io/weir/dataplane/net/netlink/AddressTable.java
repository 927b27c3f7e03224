package io.weir.dataplane.net.netlink;

import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.SystemCallException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts addresses on the interfaces of a network namespace, for a limited time, and takes them off
 * (RTM_NEWADDR and RTM_DELADDR of rtnetlink(7)).
 *
 * <p>The kernel removes an address by itself when its lifetime is over, a tenth of a second late at
 * most as measured with Linux 6.18. Used by one thread at a time.
 */
public final class AddressTable implements AutoCloseable {
    private static final String PURPOSE = "change the addresses of interfaces";
    private static final int[] FAMILIES = {RouteMessages.AF_INET, RouteMessages.AF_INET6};

    private final NetlinkSocket socket;

    private AddressTable(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens the table of the calling thread's network namespace. */
    public static AddressTable open() throws SystemCallException {
        return new AddressTable(new NetlinkSocket(0, PURPOSE));
    }

    /**
     * Puts an address on.
     *
     * @return false if the interface has it already
     * @throws SystemCallException ENODEV without such an interface, EPERM without CAP_NET_ADMIN
     */
    public boolean add(HostAddress address, int lifetimeSeconds) throws SystemCallException {
        int errno =
                socket.request(
                        RouteMessages.NEW_ADDRESS,
                        NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE,
                        AddressMessages.put(address, lifetimeSeconds));
        if (errno == Errno.EEXIST) {
            return false;
        }
        check(errno, "put " + text(address), "RTM_NEWADDR");
        return true;
    }

    /** Extends the life of an address, and puts it on again if it has disappeared. */
    public void renew(HostAddress address, int lifetimeSeconds) throws SystemCallException {
        int errno =
                socket.request(
                        RouteMessages.NEW_ADDRESS,
                        NetlinkMessage.CREATE | NetlinkMessage.REPLACE,
                        AddressMessages.put(address, lifetimeSeconds));
        check(errno, "keep " + text(address), "RTM_NEWADDR");
    }

    /**
     * Takes an address off.
     *
     * @return false if it, or the interface, was gone already
     */
    public boolean remove(HostAddress address) throws SystemCallException {
        int errno =
                socket.request(RouteMessages.DELETE_ADDRESS, 0, AddressMessages.remove(address));
        if (errno == Errno.EADDRNOTAVAIL || errno == Errno.ENODEV) {
            return false;
        }
        check(errno, "take off " + text(address), "RTM_DELADDR");
        return true;
    }

    /** The addresses that a weir has put on, this one or one before. */
    public List<HostAddress> marked() throws SystemCallException {
        List<HostAddress> marked = new ArrayList<>();
        for (int family : FAMILIES) {
            socket.dump(
                    RouteMessages.GET_ADDRESS,
                    family,
                    message -> {
                        ByteBuffer body = message.body();
                        HostAddress address = AddressMessages.marked(body);
                        if (address != null) {
                            marked.add(address);
                        }
                    });
        }
        return marked;
    }

    private static String text(HostAddress address) {
        return address.address() + "/" + address.prefixLength();
    }

    private static void check(int errno, String purpose, String call) throws SystemCallException {
        if (errno != 0) {
            throw new SystemCallException(purpose, call, errno);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
