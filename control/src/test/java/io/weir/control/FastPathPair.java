package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.director.WorkerShare;
import io.weir.dataplane.egress.LinkPort;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.net.RoutedNetwork;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.GuardedPort;
import io.weir.dataplane.worker.StepByStep;
import io.weir.dataplane.worker.Worker;
import io.weir.dataplane.worker.WorkerOptions;
import io.weir.dr.BypassForwarder;
import io.weir.dr.DirectRouteForwarder;
import io.weir.dr.TunnelForwarder;
import io.weir.nat.MasqueradeForwarder;
import io.weir.nat.ftp.FtpGateway;
import io.weir.schedulers.Schedulers;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Two workers between the same networks and with the same rules, of which the second goes without a
 * fast path: what is done to both must come to the same.
 */
final class FastPathPair implements AutoCloseable {
    static final int CLIENTS = 1;
    static final int SERVERS = 2;

    private static final byte[] NO_VNET = {};

    private final List<Half> halves = List.of(new Half(), new Half());

    /** One of the two. */
    static final class Half implements AutoCloseable {
        final GuardedPort[] ports = {new GuardedPort("cli", CLIENTS), new GuardedPort("srv", 2)};
        final List<Throwable> faults = new ArrayList<>();
        Worker worker = worker();
        long now = 1_000;

        private Worker worker() {
            return new Worker(
                    new WorkerOptions(
                            256,
                            4,
                            true,
                            true,
                            0,
                            new Schedulers(),
                            List.of(
                                    context -> new MasqueradeForwarder(),
                                    context -> new DirectRouteForwarder(),
                                    context -> new BypassForwarder(),
                                    TunnelForwarder::new),
                            FtpGateway::new,
                            EndpointSteering.NONE,
                            null,
                            () -> now,
                            () -> now,
                            new SplittableRandom(7),
                            faults::add,
                            WorkerShare.ALONE));
        }

        List<String> run(int cycles) {
            for (int i = 0; i < cycles; i++) {
                worker.runOnce();
            }
            List<String> sent = new ArrayList<>();
            for (GuardedPort port : ports) {
                for (byte[] frame : port.takeSent()) {
                    sent.add(port.name() + " " + FrameWords.frame(frame));
                }
            }
            return sent;
        }

        List<ConnectionListing> connections() {
            List<ConnectionListing> all = new ArrayList<>();
            worker.director().connections(all::add);
            return all;
        }

        @Override
        public void close() {
            worker.close();
            ports[0].close();
            ports[1].close();
        }
    }

    FastPathPair() {
        StepByStep.only(halves.getLast().worker);
        for (Half half : halves) {
            half.worker.pipeline().ports().add(new LinkPort(half.ports[0], link(CLIENTS, 1500)));
            half.worker.pipeline().ports().add(new LinkPort(half.ports[1], link(SERVERS, 1500)));
        }
        network(1500, true);
    }

    void both(Consumer<Half> change) {
        halves.forEach(change);
    }

    /** A frame arrives by a link. */
    void arrive(int link, byte[] frame) {
        arrive(link, frame, NO_VNET);
    }

    /** A frame arrives by a link, with a virtio-net header or none. */
    void arrive(int link, byte[] frame, byte[] vnet) {
        both(half -> half.ports[link - 1].arrive(frame.clone(), vnet.clone()));
    }

    /** Runs both for some cycles. */
    void compare(int cycles, String what) {
        Half with = halves.getFirst();
        Half without = halves.getLast();
        assertThat(with.run(cycles)).as(what).isEqualTo(without.run(cycles));
        assertThat(with.worker.drops().snapshot())
                .as(what)
                .isEqualTo(without.worker.drops().snapshot());
        assertThat(with.worker.director().services())
                .as(what)
                .isEqualTo(without.worker.director().services());
        assertThat(with.worker.director().totals())
                .as(what)
                .isEqualTo(without.worker.director().totals());
        assertThat(with.connections()).as(what).isEqualTo(without.connections());
        assertThat(with.faults).as(what).isEmpty();
        assertThat(without.faults).as(what).isEmpty();
    }

    /** How many packets have taken the fast path. */
    long quick() {
        assertThat(StepByStep.quick(halves.getLast().worker)).isZero();
        return StepByStep.quick(halves.getFirst().worker);
    }

    private static Link link(int index, int mtu) {
        return new Link(index, "port" + index, 0x0200_0000_0000L | index, mtu, true, true);
    }

    /** Links, addresses and routes are these from now on. */
    void network(int serverMtu, boolean defaultRoute) {
        NetworkSnapshot snapshot = snapshot(serverMtu, defaultRoute);
        both(half -> half.worker.pipeline().networkChanged(new RoutedNetwork(snapshot)));
    }

    private static NetworkSnapshot snapshot(int serverMtu, boolean defaultRoute) {
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("10.1.0.1"), 24, CLIENTS),
                        new LinkAddress(address(PacketMess.VIP), 32, CLIENTS),
                        new LinkAddress(address("10.2.0.1"), 24, SERVERS));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        routes.add(route("127.0.0.0", 8, null, Route.Kind.LOCAL));
        if (defaultRoute) {
            routes.add(route("0.0.0.0", 0, address("10.1.0.254"), Route.Kind.UNICAST));
        }
        return new NetworkSnapshot(
                List.of(link(CLIENTS, 1500), link(SERVERS, serverMtu)), addresses, routes);
    }

    private static Route route(String prefix, int length, IpAddress gateway, Route.Kind kind) {
        return new Route(address(prefix), length, gateway, CLIENTS, 0, kind, null);
    }

    static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        if (parsed == null) {
            throw new IllegalArgumentException(text);
        }
        return parsed;
    }

    /** Makes all services and servers that are not there. */
    void rules() {
        service(ServiceId.TCP, 80, 0, false, ForwardingMethod.MASQUERADE, 8080);
        service(ServiceId.TCP, 81, 0, false, ForwardingMethod.ROUTE, 81);
        service(ServiceId.TCP, 82, 0, false, ForwardingMethod.TUNNEL, 82);
        service(ServiceId.TCP, 83, 60, false, ForwardingMethod.MASQUERADE, 83);
        service(ServiceId.TCP, 21, 0, false, ForwardingMethod.MASQUERADE, 21);
        service(ServiceId.UDP, 53, 0, false, ForwardingMethod.MASQUERADE, 5353);
        service(ServiceId.UDP, 54, 10, false, ForwardingMethod.ROUTE, 54);
        service(ServiceId.UDP, 55, 0, true, ForwardingMethod.MASQUERADE, 55);
        service(ServiceId.UDP, 80, 10, false, ForwardingMethod.MASQUERADE, 80);
    }

    private void service(
            int protocol, int port, int persistent, boolean once, ForwardingMethod to, int toPort) {
        ServiceId service = ServiceId.of(protocol, address(PacketMess.VIP), port);
        both(
                half ->
                        half.worker
                                .director()
                                .addService(
                                        service,
                                        new ServiceSettings("rr", 0, persistent, -1, once, null)));
        for (int host = 11; host < 14; host++) {
            ServerId server = new ServerId(address("10.2.0." + host), toPort);
            both(
                    half ->
                            half.worker
                                    .director()
                                    .addServer(service, server, ServerSettings.of(to, 1)));
        }
    }

    void neighbour(int link, String at, NeighbourEntry.State state, int mac) {
        both(
                half ->
                        half.worker
                                .pipeline()
                                .neighbourChanged(
                                        new NeighbourEntry(
                                                link,
                                                address(at),
                                                state,
                                                0x0200_0000_0000L | mac)));
    }

    @Override
    public void close() {
        halves.forEach(Half::close);
    }
}
