package io.weir.control;

import io.weir.dataplane.net.ConnectedRoutes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NeighbourEntry;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.GuardedPort;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Sends a mess of packets through a balancer and checks what must hold whatever comes in.
 *
 * <p>A program of its own, because a read outside of a frame ends the process: {@code WorkerFuzz
 * SEED PACKETS}. Exit code 0 if all went well.
 */
final class WorkerFuzz implements AutoCloseable {
    private static final List<String> BAD_TRANSPORT = List.of("bad-checksum", "udp-length");

    private static final int MAX_BURST = 64;
    private static final byte[] NO_VNET = {};

    private final Random random;
    private final PacketMess mess;
    private final List<Throwable> faults = new ArrayList<>();
    private final GuardedPort[] ports = new GuardedPort[3];
    private final Balancer balancer;
    private final List<byte[]> burst = new ArrayList<>();
    private boolean offloaded;
    private long nowMillis = 1_000;
    private int id;
    private long received;
    private long forwarded;

    private WorkerFuzz(long seed) {
        random = new Random(seed);
        mess = new PacketMess(random);
        balancer =
                Balancer.builder()
                        .connections(512)
                        .icmpErrorsPerSecond(random.nextBoolean() ? 0 : 100)
                        .clock(() -> nowMillis)
                        .seed(seed)
                        .onFault(faults::add)
                        .build();
        network();
        rules();
    }

    public static void main(String[] arguments) {
        long seed = Long.parseLong(arguments[0]);
        int packets = Integer.parseInt(arguments[1]);
        try (WorkerFuzz fuzz = new WorkerFuzz(seed)) {
            if (packets == 0) {
                System.out.println("still alive: " + fuzz.ports[1].touchForbidden());
                return;
            }
            String wrong = fuzz.run(packets);
            if (wrong != null) {
                System.out.println("seed " + seed + ": " + wrong);
                System.exit(1);
            }
            System.out.println(
                    fuzz.received
                            + " received, "
                            + fuzz.forwarded
                            + " sent on, "
                            + fuzz.balancer.heldFragments()
                            + " held, "
                            + fuzz.balancer.drops());
        }
    }

    private void network() {
        List<Link> links = new ArrayList<>();
        for (int link = 1; link <= 2; link++) {
            ports[link] = new GuardedPort("port" + link, link);
            links.add(new Link(link, "port" + link, 0x0200_0000_0000L | link, 1500, true, true));
            balancer.attach(ports[link], links.get(link - 1));
        }
        List<LinkAddress> addresses =
                List.of(
                        new LinkAddress(address("10.1.0.1"), 24, 1),
                        new LinkAddress(address(PacketMess.VIP), 32, 1),
                        new LinkAddress(address("10.2.0.1"), 24, 2));
        List<Route> routes = new ArrayList<>(ConnectedRoutes.of(addresses));
        IpAddress router = address("10.1.0.254");
        routes.add(new Route(address("0.0.0.0"), 0, router, 1, 0, Route.Kind.UNICAST, null));
        balancer.networkChanged(new NetworkSnapshot(links, addresses, routes));
        for (int i = 0; i < 256; i++) {
            for (int link = 1; link <= 2; link++) {
                balancer.neighbourChanged(
                        new NeighbourEntry(
                                link,
                                address("10." + link + ".0." + i),
                                NeighbourEntry.State.USABLE,
                                0x0200_0000_0000L | link << 8 | i));
            }
        }
    }

    private static IpAddress address(String text) {
        IpAddress parsed = IpAddress.parse(text);
        if (parsed == null) {
            throw new IllegalArgumentException(text);
        }
        return parsed;
    }

    private void rules() {
        service(ServiceId.TCP, 80, 0, false, ForwardingMethod.MASQUERADE, 8080);
        service(ServiceId.TCP, 81, 0, false, ForwardingMethod.ROUTE, 81);
        service(ServiceId.TCP, 82, 300, false, ForwardingMethod.TUNNEL, 82);
        service(ServiceId.UDP, 53, 0, false, ForwardingMethod.MASQUERADE, 5353);
        service(ServiceId.UDP, 54, 0, true, ForwardingMethod.TUNNEL, 54);
        service(ServiceId.UDP, 80, 10, false, ForwardingMethod.MASQUERADE, 8080);
        service(ServiceId.SCTP, 2905, 0, false, ForwardingMethod.MASQUERADE, 3905);
        service(ServiceId.SCTP, 80, 10, false, ForwardingMethod.ROUTE, 80);
        balancer.administration().setSysctl(Sysctl.NAT_ICMP_SEND, 1);
    }

    private void service(
            int protocol, int port, int persistent, boolean once, ForwardingMethod to, int toPort) {
        Administration rules = balancer.administration();
        ServiceId id = ServiceId.of(protocol, address(PacketMess.VIP), port);
        rules.addService(id, new ServiceSettings("wlc", 0, persistent, -1, once, null));
        ServerId server = new ServerId(address("10.2.0.11"), toPort);
        rules.addServer(id, server, ServerSettings.of(to, 1));
    }

    /** Returns what was wrong, null if nothing. */
    private @Nullable String run(int packets) {
        while (received < packets) {
            int link = 1 + random.nextInt(2);
            burst.clear();
            offloaded = random.nextInt(8) == 0;
            for (int i = random.nextInt(MAX_BURST); i >= 0; i--) {
                id = (id + 1) & 0xffff;
                byte[] frame = mess.next(link, id);
                burst.add(frame);
                ports[link].arrive(frame.clone(), offloaded ? mess.nextVnetHeader() : NO_VNET);
            }
            received += burst.size();
            nowMillis += random.nextInt(50);
            balancer.runOnce();
            String wrong = check();
            if (wrong != null) {
                return wrong + "\nburst of link " + link + ":\n" + text(burst);
            }
        }
        return null;
    }

    private @Nullable String check() {
        if (!faults.isEmpty()) {
            Throwable fault = faults.getFirst();
            return fault + " at " + List.of(fault.getStackTrace());
        }
        for (int link = 1; link <= 2; link++) {
            for (byte[] frame : ports[link].takeSent()) {
                String wrong = check(frame);
                if (wrong != null) {
                    return wrong;
                }
            }
        }
        if (forwarded + drops() + balancer.heldFragments() != received) {
            return received
                    + " came in, "
                    + forwarded
                    + " went on, "
                    + balancer.heldFragments()
                    + " held, dropped "
                    + balancer.drops();
        }
        return null;
    }

    private @Nullable String check(byte[] frame) {
        String words = FrameWords.frame(frame);
        boolean arp = words.contains(" arp ");
        boolean own = arp || (frame.length > 22 && frame[22] == 64);
        forwarded += own || continues(frame) ? 0 : 1;
        String outer = words.replaceAll("\\[.*\\]", "[]");
        boolean damaged = outer.contains("bad-ip-checksum");
        // A first fragment may be short, and ICMPv6 in IPv4 is nobody's business here.
        boolean whole = !outer.contains(" fragment ") && !outer.contains(" icmpv6 ");
        // A cut segment of a connection goes on to a server that is not reached by NAT.
        boolean cut = outer.contains("truncated") && whole;
        damaged |= cut && (own || !cameIn(frame, List.of("truncated")));
        damaged |= outer.contains("total-length") || outer.contains("padding");
        boolean badTransport = outer.contains("bad-checksum");
        if (damaged || (badTransport && (own || !(offloaded || cameIn(frame, BAD_TRANSPORT))))) {
            return "sent " + words + " " + HexFormat.of().formatHex(frame);
        }
        return null;
    }

    /** A later fragment of what was put together here, or of a tunnel's packet. */
    private static boolean continues(byte[] frame) {
        if (frame.length < 34 || ((frame[20] & 0x1f) | frame[21]) == 0) {
            return false;
        }
        boolean tunnel = frame[23] == 4 && frame[29] == 1;
        return tunnel || List.of(1, 6, 17, 132).contains(frame[23] & 0xff);
    }

    /** Whether the packet that this one was, told by its identification, had one of the faults. */
    private boolean cameIn(byte[] sent, List<String> faultWords) {
        for (byte[] frame : burst) {
            if (frame.length > 19 && frame[18] == sent[18] && frame[19] == sent[19]) {
                String words = FrameWords.frame(frame);
                if (faultWords.stream().anyMatch(words::contains)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Frames dropped; an error that was not sent because of the limit is no frame. */
    private long drops() {
        long dropped = 0;
        for (Map.Entry<DropReason, Long> drop : balancer.drops().entrySet()) {
            dropped += drop.getKey() == DropReason.ICMP_LIMITED ? 0 : drop.getValue();
        }
        return dropped;
    }

    private static String text(List<byte[]> frames) {
        StringBuilder text = new StringBuilder();
        for (byte[] frame : frames) {
            text.append(FrameWords.frame(frame)).append('\n');
        }
        return text.toString();
    }

    @Override
    public void close() {
        balancer.close();
        ports[1].close();
        ports[2].close();
    }
}
