package io.weir.control.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Hosts, network and balancer on which the lab's rounds are played. */
interface Stage extends AutoCloseable {
    /** The virtual service's port, and the real servers'. */
    int PORT = 80;

    /** How many real servers there are. */
    int SERVERS = 3;

    /** Starts everything and says what is where. */
    void open(PrintWriter out) throws IOException;

    /** Sets the real servers up for NAT or for direct routing. */
    void prepare(boolean directRouting) throws IOException;

    /** Has the balancer run an ipvsadm command; returns what it prints. */
    String ipvsadm(List<String> arguments) throws IOException;

    /** Has the client ask the virtual service. */
    Answer request() throws IOException;

    /** Removes everything. */
    @Override
    void close();
}
