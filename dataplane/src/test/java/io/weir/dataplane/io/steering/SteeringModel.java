package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.mark.RandomMarks;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** What the rules mean, read off their definition. */
record SteeringModel(SteeringRules rules, Set<Prefix> own, Set<Expected> expected) {
    /** A fragment's port. */
    static final int ANY_PORT = -1;

    static SteeringModel random(Random random) {
        Set<Prefix> own = new HashSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            own.add(RandomMarks.prefix(random, random.nextBoolean()));
        }
        own.add(SingleFrames.host(RandomPacket.address(random, random.nextBoolean())));
        MarkedTraffic marked = RandomMarks.traffic(random);
        return new SteeringModel(
                new SteeringRules(endpoints(random), endpoints(random), endpoints(random), marked),
                own,
                expected(random));
    }

    private static Set<Expected> expected(Random random) {
        Set<Expected> expected = new HashSet<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            expected.add(
                    new Expected(
                            random.nextBoolean() ? Side.VIRTUAL : Side.SERVER,
                            IpAddress.parse(RandomPacket.address(random, random.nextInt(3) == 0)),
                            RandomPacket.port(random)));
        }
        return expected;
    }

    private static Set<Endpoint> endpoints(Random random) {
        Set<Endpoint> endpoints = new HashSet<>();
        for (int i = random.nextInt(7); i > 0; i--) {
            endpoints.add(
                    SingleFrames.endpoint(
                            RandomPacket.transport(random),
                            RandomPacket.address(random, random.nextInt(3) == 0),
                            random.nextInt(4) == 0 ? 0 : RandomPacket.port(random)));
        }
        return endpoints;
    }

    boolean isVirtual(int protocol, String address, int port) {
        return has(rules.virtualEndpoints(), protocol, address, port)
                || expects(Side.VIRTUAL, rules.virtualEndpoints(), protocol, address, port);
    }

    /** Whether some packet between these, or the one with this port, gets a served mark. */
    boolean isMarked(int protocol, String source, String destination, int port) {
        IpAddress to = IpAddress.parse(destination);
        if (own.stream().noneMatch(prefix -> prefix.contains(to))) {
            return false;
        }
        IpAddress from = IpAddress.parse(source);
        MarkedTraffic marked = rules.marked();
        Set<Integer> ports = new HashSet<>(Set.of(port == ANY_PORT ? 0 : port));
        if (port == ANY_PORT) {
            marked.rules().forEach(rule -> ports.add(rule.firstPort()));
            marked.rules().forEach(rule -> ports.add(Math.min(rule.lastPort() + 1, 65535)));
        }
        return ports.stream()
                .map(p -> RandomMarks.mark(marked.rules(), protocol, from, to, p))
                .anyMatch(mark -> marked.isServed(mark, to.ipv6()));
    }

    boolean isServer(int protocol, String address, int port) {
        return has(rules.serverEndpoints(), protocol, address, port)
                || expects(Side.SERVER, rules.serverEndpoints(), protocol, address, port);
    }

    private boolean expects(
            Side side, Set<Endpoint> rules, int protocol, String address, int port) {
        return protocol == 6
                && has(rules, protocol, address, ANY_PORT)
                && expected.contains(new Expected(side, IpAddress.parse(address), port));
    }

    private static boolean has(Set<Endpoint> set, int protocol, String address, int port) {
        return set.stream()
                .anyMatch(
                        e ->
                                e.protocol() == protocol
                                        && e.address().equals(IpAddress.parse(address))
                                        && (port == ANY_PORT || e.port() == 0 || e.port() == port));
    }

    boolean isTunnel(int protocol, String address, int port) {
        return has(rules.tunnelEndpoints(), protocol, address, port);
    }

    boolean isOwn(String address) {
        return own.contains(SingleFrames.host(address));
    }
}
