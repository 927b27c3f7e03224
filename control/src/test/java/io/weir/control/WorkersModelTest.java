package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * Several workers against one that has all clients: the same random traffic and changes of rules
 * must bring out the same frames, connections and counters, with every scheduler that does not
 * remember where it was.
 */
class WorkersModelTest {
    private static final String VIP = "10.1.0.100";
    private static final Pattern OWN_NUMBER = Pattern.compile("tos 192 id [0-9]+$");
    private static final int STEPS = 4_000;
    private static final int MOST_SENT = 64;

    private final Random random = Seed.ofThisRun().random();
    private final List<Answerable> sent = new ArrayList<>();
    private long now = 1_000_000;
    private int forwarded;
    private Site one;
    private Site several;

    /** A packet that arrived at a server or a client, for answers and errors. */
    private static final class Answerable {
        private final boolean atServer;
        private final byte[] packet;

        Answerable(boolean atServer, byte[] packet) {
            this.atServer = atServer;
            this.packet = packet;
        }

        int protocol() {
            return packet[9] & 0xff;
        }

        private int port(int at) {
            return (packet[20 + at] & 0xff) << 8 | (packet[21 + at] & 0xff);
        }

        private String address(int at) {
            return (packet[at] & 0xff)
                    + "."
                    + (packet[at + 1] & 0xff)
                    + "."
                    + (packet[at + 2] & 0xff)
                    + "."
                    + (packet[at + 3] & 0xff);
        }

        FrameBuilder answer() {
            return (protocol() == 6 ? Frames.tcp() : Frames.udp())
                    .from(address(16), port(2))
                    .to(address(12), port(0));
        }

        FrameBuilder error(String router) {
            return Frames.icmpError(3, 1, Arrays.copyOf(packet, Math.min(packet.length, 48)))
                    .from(router)
                    .to(address(12));
        }
    }

    /** A balancer between clients and servers. */
    private final class Site implements AutoCloseable {
        private final Balancer balancer;
        private final MemoryLink clients;
        private final MemoryLink servers;

        Site(int workers) {
            balancer =
                    Balancer.builder()
                            .workers(workers)
                            .clock(() -> now)
                            .seed(random.nextLong())
                            .icmpErrorsPerSecond(0)
                            .build();
            clients = balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", VIP + "/32");
            servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
            for (int i = 11; i < 255; i++) {
                balancer.neighbour(clients, "10.1.0." + i, 0x020000000001L);
                balancer.neighbour(servers, "10.2.0." + i, 0x020000000101L);
            }
        }

        List<byte[]> exchange(boolean fromServer, List<byte[]> frames) {
            List<byte[]> out = new ArrayList<>();
            for (byte[] frame : frames) {
                assertThat((fromServer ? servers : clients).inject(frame)).isTrue();
                run();
                drain(clients, out);
                drain(servers, out);
            }
            return out;
        }

        void run() {
            while (balancer.runOnce() > 0) {
                // until nothing is left to do
            }
        }

        private static void drain(MemoryLink link, List<byte[]> into) {
            for (byte[] frame = link.poll(); frame != null; frame = link.poll()) {
                into.add(frame);
            }
        }

        List<String> connections() {
            List<String> all = new ArrayList<>();
            balancer.administration().connections(one -> all.add(words(one)));
            all.sort(null);
            return all;
        }

        private static String words(ConnectionListing one) {
            return one.toString();
        }

        List<String> services() {
            List<String> all = new ArrayList<>();
            for (ServiceListing service : balancer.administration().services()) {
                all.add(service.id() + " " + counted(service.counters()));
                for (ServerListing server : service.servers()) {
                    all.add(
                            "  %s %s %d %d %d %s %s"
                                    .formatted(
                                            server.id(),
                                            server.settings(),
                                            server.active(),
                                            server.inactive(),
                                            server.persistent(),
                                            server.draining(),
                                            counted(server.counters())));
                }
            }
            all.sort(null);
            return all;
        }

        // Rates are rounded up on each worker.
        private static CounterSnapshot counted(CounterSnapshot counters) {
            return new CounterSnapshot(
                    counters.connections(),
                    counters.inPackets(),
                    counters.outPackets(),
                    counters.inBytes(),
                    counters.outBytes(),
                    0,
                    0,
                    0,
                    0,
                    0);
        }

        @Override
        public void close() {
            balancer.close();
        }
    }

    @AfterEach
    void close() {
        one.close();
        several.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 16})
    void severalWorkersDoWhatOneDoes(int workers) {
        one = new Site(1);
        several = new Site(workers);
        rule("--set 900 120 300");
        rule("-A -t " + VIP + ":80 -s wlc");
        rule("-A -t " + VIP + ":81 -s lc");
        rule("-A -t " + VIP + ":82 -s sed -p 60");
        rule("-A -u " + VIP + ":53 -s sh");
        rule("-A -u " + VIP + ":54 -s nq -o");
        for (int i = 11; i < 15; i++) {
            rule("-a -t " + VIP + ":80 -r 10.2.0." + i + ":80 -m -w " + i + " -x 9 -y 4");
            rule("-a -t " + VIP + ":81 -r 10.2.0." + i + ":81 -g -w 1");
            rule("-a -t " + VIP + ":82 -r 10.2.0." + i + ":8082 -m -w 2");
            rule("-a -u " + VIP + ":53 -r 10.2.0." + i + ":53 -m -w 1");
            rule("-a -u " + VIP + ":54 -r 10.2.0." + i + ":54 -m -w 1");
        }
        for (int step = 0; step < STEPS; step++) {
            step();
            if (step % 200 == 0) {
                compare();
            }
        }
        compare();
        assertThat(forwarded).isGreaterThan(STEPS / 4);
    }

    private void step() {
        int choice = random.nextInt(100);
        if (choice < 55) {
            send(false, fromClient());
        } else if (choice < 80 && !sent.isEmpty()) {
            Answerable to = sent.get(random.nextInt(sent.size()));
            send(to.atServer, List.of(flagged(to.protocol(), to.answer()).bytes()));
        } else if (choice < 90 && !sent.isEmpty()) {
            Answerable about = sent.get(random.nextInt(sent.size()));
            String router = about.atServer ? "10.2.0.254" : "10.1.0.254";
            send(about.atServer, List.of(about.error(router).bytes()));
        } else if (choice < 97) {
            now += random.nextInt(10) == 0 ? 70_000 : random.nextInt(3_000);
            one.run();
            several.run();
        } else {
            changeRules();
        }
    }

    private List<byte[]> fromClient() {
        String client = "10.1.0." + (11 + random.nextInt(60));
        int port = 4000 + random.nextInt(6);
        int kind = random.nextInt(6);
        if (kind < 4) {
            int service = 80 + random.nextInt(4);
            FrameBuilder frame = Frames.tcp().from(client, port).to(VIP, service);
            return List.of(flagged(6, frame).bytes());
        }
        FrameBuilder datagram = Frames.udp().from(client, port).to(VIP, 53 + random.nextInt(2));
        return kind == 4
                ? List.of(datagram.payload("question").bytes())
                : datagram.id(random.nextInt(1 << 16)).payload(new byte[3000]).fragments(1480);
    }

    private FrameBuilder flagged(int protocol, FrameBuilder frame) {
        if (protocol != 6) {
            return frame.payload("answer");
        }
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> frame.syn();
            case 3 -> frame.syn().ack(1);
            case 4 -> frame.fin().ack(1);
            case 5 -> frame.rst();
            default -> frame.ack(1);
        };
    }

    private void send(boolean fromServer, List<byte[]> frames) {
        List<byte[]> expected = one.exchange(fromServer, frames);
        List<byte[]> got = several.exchange(fromServer, frames);
        assertThat(words(got))
                .as("after %s, %s", words(frames), Seed.ofThisRun())
                .isEqualTo(words(expected));
        for (byte[] frame : expected) {
            remember(frame);
        }
    }

    // Each worker numbers the errors that it makes itself.
    private static List<String> words(List<byte[]> frames) {
        return frames.stream()
                .map(FrameWords::frame)
                .map(words -> OWN_NUMBER.matcher(words).replaceAll("tos 192"))
                .toList();
    }

    private void remember(byte[] frame) {
        byte[] packet = Arrays.copyOfRange(frame, 14, frame.length);
        boolean plain =
                packet[0] == 0x45
                        && (packet[9] == 6 || packet[9] == 17)
                        && (packet[6] & 0x3f) == 0
                        && packet[7] == 0;
        if (plain) {
            if (sent.size() == MOST_SENT) {
                sent.remove(random.nextInt(MOST_SENT));
            }
            forwarded++;
            sent.add(new Answerable(packet[17] == 2 || toVip(packet), packet));
        }
    }

    private static boolean toVip(byte[] packet) {
        return packet[17] == 1 && packet[19] == 100;
    }

    private void changeRules() {
        int number = 11 + random.nextInt(5);
        String service = random.nextBoolean() ? "-t " + VIP + ":80" : "-t " + VIP + ":82";
        String port = service.endsWith("80") ? ":80" : ":8082";
        String server = service + " -r 10.2.0." + number + port;
        switch (random.nextInt(7)) {
            case 0 -> rule("-d " + server);
            case 1, 2 -> rule("-a " + server + " -m -w " + random.nextInt(4) + " -x 12 -y 3");
            case 3 -> rule("-e " + server + " -m -w " + random.nextInt(9) + " -x 0 -y 0");
            case 4 -> rule("-Z");
            case 5 -> rule("-E " + service + " -s wlc -p " + (30 + random.nextInt(90)));
            default -> {
                rule("-D -u " + VIP + ":54");
                rule("-A -u " + VIP + ":54 -s mh");
                rule("-a -u " + VIP + ":54 -r 10.2.0." + number + ":54 -m");
            }
        }
    }

    private void rule(String line) {
        String[] words = line.split(" ");
        assertThat(several.balancer.ipvsadm(words)).as(line).isEqualTo(one.balancer.ipvsadm(words));
    }

    private void compare() {
        assertThat(several.connections()).as("%s", Seed.ofThisRun()).isEqualTo(one.connections());
        assertThat(several.services()).as("%s", Seed.ofThisRun()).isEqualTo(one.services());
        assertThat(Site.counted(several.balancer.administration().totals()))
                .isEqualTo(Site.counted(one.balancer.administration().totals()));
        assertThat(several.balancer.drops()).isEqualTo(one.balancer.drops());
        assertThat(several.balancer.administration().connectionCount())
                .isEqualTo(one.balancer.administration().connectionCount());
    }
}
