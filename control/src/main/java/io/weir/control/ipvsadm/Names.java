package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/** Names of hosts and ports. An implementation answers within a time that a caller can wait. */
public interface Names {
    /** Knows no names, so that everything is written in numbers. */
    Names NONE =
            new Names() {
                @Override
                public @Nullable IpAddress address(String host) {
                    return null;
                }

                @Override
                public @Nullable String host(IpAddress address) {
                    return null;
                }

                @Override
                public int port(String service, int protocol) {
                    return UNKNOWN_PORT;
                }

                @Override
                public @Nullable String service(int port, int protocol) {
                    return null;
                }
            };

    int UNKNOWN_PORT = -1;

    /** The IPv4 address of a host, or null. */
    @Nullable IpAddress address(String host);

    /** The name of the host with an address, or null. */
    @Nullable String host(IpAddress address);

    /**
     * The port of a named service.
     *
     * @param protocol IP protocol number
     * @return {@link #UNKNOWN_PORT} if the name is not known
     */
    int port(String service, int protocol);

    /**
     * The name of the service on a port, or null.
     *
     * @param protocol IP protocol number
     */
    @Nullable String service(int port, int protocol);
}
