package io.weir.dataplane.io.steering;

import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;

import java.util.List;
import java.util.Random;

/** A packet that the rules of a {@link SteeringModel} may concern, and whether they take it. */
record RandomPacket(
        int kind,
        boolean ipv6,
        boolean elsewhere,
        int protocol,
        String source,
        int sourcePort,
        String destination,
        int destinationPort,
        int icmpType,
        List<Integer> extensions) {
    private static final int PLAIN = 0;
    private static final int FRAGMENT = 1;
    private static final int ICMP = 2;
    private static final List<String> V4 = List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "192.0.2.1");
    private static final List<String> V6 = List.of("2001:db8::1", "2001:db8::2", "2001:db8:1::1");
    private static final int[] PORTS = {1, 80, 443, 65535};
    private static final int[] TRANSPORTS = {6, 17, 132};
    private static final int[] TYPES = {0, 1, 2, 3, 4, 5, 8, 11, 12, 128, 135};

    static String address(Random random, boolean ipv6) {
        List<String> pool = ipv6 ? V6 : V4;
        return pool.get(random.nextInt(pool.size()));
    }

    static int port(Random random) {
        return PORTS[random.nextInt(PORTS.length)];
    }

    static int transport(Random random) {
        return TRANSPORTS[random.nextInt(TRANSPORTS.length)];
    }

    static RandomPacket next(Random random) {
        boolean ipv6 = random.nextInt(3) == 0;
        return new RandomPacket(
                random.nextInt(3),
                ipv6,
                random.nextInt(20) == 0,
                transport(random),
                address(random, ipv6),
                port(random),
                address(random, ipv6),
                port(random),
                TYPES[random.nextInt(TYPES.length)],
                ipv6 && random.nextBoolean() ? extensions(random) : List.of());
    }

    private static List<Integer> extensions(Random random) {
        return random.ints(random.nextInt(4), 0, 4)
                .mapToObj(i -> List.of(0, 43, 51, 60).get(i))
                .toList();
    }

    private FrameBuilder transportPacket() {
        FrameBuilder builder =
                protocol == 6
                        ? Frames.tcp().ack(1)
                        : protocol == 17 ? Frames.udp() : Frames.sctp().chunk(1);
        for (int type : extensions) {
            builder.extension(type, Ipv6SteeringTest.extension(type, (sourcePort + type) & 3));
        }
        return builder.from(source, sourcePort)
                .to(destination, destinationPort)
                .payload(new byte[64]);
    }

    byte[] frame(String from, String to) {
        if (kind == ICMP) {
            return Frames.icmpError(icmpType, 0, transportPacket().packet())
                    .from(ipv6 ? "2001:db8::77" : "203.0.113.77")
                    .to(source)
                    .macs(from, to)
                    .bytes();
        }
        FrameBuilder builder = transportPacket().macs(from, to);
        return kind == FRAGMENT
                ? builder.fragments(32).get(sourcePort == 80 ? 1 : 0)
                : builder.bytes();
    }

    boolean isTakenBy(SteeringModel model) {
        if (elsewhere) {
            return false;
        }
        if (kind == ICMP) {
            return isError() && isAboutBalancedPacket(model);
        }
        int from = kind == PLAIN ? sourcePort : SteeringModel.ANY_PORT;
        int to = kind == PLAIN ? destinationPort : SteeringModel.ANY_PORT;
        boolean reply = model.isServer(protocol, source, from) && !model.isOwn(destination);
        return model.isVirtual(protocol, destination, to)
                || model.isMarked(protocol, source, destination, to)
                || reply;
    }

    private boolean isError() {
        return ipv6 ? icmpType >= 1 && icmpType <= 4 : List.of(3, 4, 11, 12).contains(icmpType);
    }

    private boolean isAboutBalancedPacket(SteeringModel model) {
        if (model.isVirtual(protocol, source, sourcePort)
                || model.isMarked(protocol, destination, source, sourcePort)) {
            return true;
        }
        if (model.isOwn(source)) {
            return model.isTunnel(protocol, destination, destinationPort);
        }
        return (model.isVirtual(protocol, destination, destinationPort)
                || model.isMarked(protocol, source, destination, destinationPort)
                || model.isServer(protocol, destination, destinationPort));
    }
}
