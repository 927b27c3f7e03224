package io.weir.dataplane.io.steering;

import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.TestConnection;

/** One direction of a connection, before and after. */
record TestFlow(
        int protocol,
        String source,
        int sourcePort,
        String destination,
        int destinationPort,
        String newSource,
        int newSourcePort,
        String newDestination,
        int newDestinationPort) {
    /** The loopback's address, whose receiver the test run pretends to be. */
    static final String HERE = "00:00:00:00:00:00";

    static final String PEER = "02:00:00:00:00:01";
    static final String SERVER_MAC = "02:aa:bb:cc:dd:ee";
    static final String OUT_MAC = "02:11:22:33:44:55";

    static String client(HeaderLayout family) {
        return family.ipv6() ? "2001:db8::7" : "198.51.100.7";
    }

    static String virtual(HeaderLayout family) {
        return family.ipv6() ? "2001:db8:1::10" : "192.0.2.10";
    }

    static String server(HeaderLayout family) {
        return family.ipv6() ? "fd00::5" : "10.0.0.5";
    }

    static TestFlow toServer(HeaderLayout family, int protocol, int clientPort, int serverPort) {
        return from(family, protocol, clientPort, server(family), serverPort);
    }

    static TestFlow direct(HeaderLayout family, int protocol, int clientPort) {
        return from(family, protocol, clientPort, virtual(family), 80);
    }

    private static TestFlow from(
            HeaderLayout family, int protocol, int clientPort, String server, int serverPort) {
        String client = client(family);
        return new TestFlow(
                protocol,
                client,
                clientPort,
                virtual(family),
                80,
                client,
                clientPort,
                server,
                serverPort);
    }

    FlowEnds ends() {
        boolean reply = !source.equals(newSource) || sourcePort != newSourcePort;
        return reply
                ? new TestConnection(
                                protocol,
                                destination,
                                destinationPort,
                                newSource,
                                newSourcePort,
                                source,
                                sourcePort)
                        .toClient()
                : new TestConnection(
                                protocol,
                                source,
                                sourcePort,
                                destination,
                                destinationPort,
                                newDestination,
                                newDestinationPort)
                        .toServer();
    }

    FrameBuilder builder() {
        return protocol == 6 ? Frames.tcp().ack(7) : Frames.udp();
    }

    /** A packet of it as it comes. */
    FrameBuilder before() {
        return before(builder());
    }

    FrameBuilder before(FrameBuilder builder) {
        return builder.macs(PEER, HERE).from(source, sourcePort).to(destination, destinationPort);
    }

    /** The same as it leaves. */
    FrameBuilder after() {
        return after(builder()).ttl(63);
    }

    FrameBuilder after(FrameBuilder builder) {
        return builder.macs(OUT_MAC, SERVER_MAC)
                .from(newSource, newSourcePort)
                .to(newDestination, newDestinationPort);
    }
}
