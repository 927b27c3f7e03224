package io.weir.dataplane.spi;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

/**
 * Connections that a followed connection has agreed on and that are still to come. They are in the
 * connection table in state LISTEN, controlled by the followed connection and counted at its real
 * server, and end after that state's timeout if nothing comes. Worker thread.
 */
public interface Expectations {
    /**
     * Expects a TCP connection from the client of a followed one, from whatever port.
     *
     * @param control the followed connection
     * @param server the address it is for; null for that of the real server
     * @param port the server's port, and the virtual one
     * @return its slot, or {@link ConnectionTable#NONE} if there is no room for it
     */
    int expectFromClient(int control, @Nullable IpAddress server, int port);

    /**
     * Expects a TCP connection that the real server of a followed one opens, to go on as one from
     * the virtual address.
     *
     * @param control the followed connection
     * @param ends from the client's address and port to the virtual address and port
     * @param serverPort the port that the server connects from
     * @return its slot, or {@link ConnectionTable#NONE} if there is no room for it
     */
    int expectFromServer(int control, Endpoints ends, int serverPort);

    /** Expects a connection no more, if its first packet has not come yet. */
    void withdraw(int slot);
}
