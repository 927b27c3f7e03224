package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.offload.OffloadStatistics;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.KernelTwin;
import io.weir.dataplane.testing.KernelTwin.Sent;
import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/**
 * Several workers that share the kernel's table of flows, against one that sees every packet: the
 * same random traffic and changes of rules must bring out the same frames, connections and
 * counters. The table is so small that workers are in each other's way all the time.
 */
class WorkersOffloadTest {
    private static final String VIP = "10.1.0.100";
    private static final Pattern OWN_NUMBER = Pattern.compile("tos 192 id [0-9]+$");
    private static final int CLIENTS = 5;
    private static final int SERVICES = 6;
    private static final int STEPS = 2_500;
    private static final String[] SCHEDULERS = {"wlc", "sh", "lc"};

    private final Random random = Seed.ofThisRun().random();
    private long now = 1_000_000;
    private int packet;

    /** A balancer between clients and servers. */
    private final class Site implements AutoCloseable {
        private final Balancer balancer;
        private final MemoryLink clients;
        private final MemoryLink servers;
        private final @Nullable KernelTwin kernel;
        private long byKernel;

        Site(int workers, @Nullable KernelTwin kernel) {
            this.kernel = kernel;
            balancer =
                    Balancer.builder()
                            .workers(workers)
                            .connections(4096)
                            .fragmentedDatagrams(workers)
                            .clock(() -> now)
                            .seed(random.nextLong())
                            .icmpErrorsPerSecond(0)
                            .build();
            clients = balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", VIP + "/32");
            servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
            for (int i = 11; i < 60; i++) {
                balancer.neighbour(clients, "10.1.0." + i, 0x020000000001L);
                balancer.neighbour(servers, "10.2.0." + i, 0x020000000101L);
            }
            if (kernel != null) {
                balancer.offload(kernel.tables());
            }
        }

        List<String> send(boolean fromServer, byte[] frame) {
            // Before it decides, each worker has heard what the kernel forwarded.
            run();
            List<String> left = new ArrayList<>();
            Sent sent = kernel == null || random.nextInt(100) == 0 ? null : kernel.forward(frame);
            if (sent != null) {
                byKernel++;
                left.add((sent.link() == 1 ? "cli " : "srv ") + words(sent.frame()));
            } else {
                assertThat((fromServer ? servers : clients).inject(frame)).isTrue();
            }
            run();
            drain(clients, "cli ", left);
            drain(servers, "srv ", left);
            return left;
        }

        void run() {
            while (balancer.runOnce() > 0) {
                // until nothing is left to do
            }
        }

        private static void drain(MemoryLink link, String name, List<String> into) {
            for (byte[] frame = link.poll(); frame != null; frame = link.poll()) {
                into.add(name + words(frame));
            }
        }

        // Each worker numbers the errors that it makes itself.
        private static String words(byte[] frame) {
            return OWN_NUMBER.matcher(FrameWords.frame(frame)).replaceAll("tos 192");
        }

        List<String> state() {
            List<String> all = new ArrayList<>();
            balancer.administration()
                    .connections(
                            one ->
                                    all.add(
                                            "%d %s:%d %d %s %s"
                                                    .formatted(
                                                            one.protocol(),
                                                            one.client(),
                                                            one.clientPort(),
                                                            one.virtualPort(),
                                                            one.server(),
                                                            one.state())));
            for (ServiceListing service : balancer.administration().services()) {
                all.add(CounterWords.of(service.id(), service.counters()));
                for (ServerListing server : service.servers()) {
                    all.add(
                            CounterWords.of(service.id() + " " + server.id(), server.counters())
                                    + " %s %d %d"
                                            .formatted(
                                                    server.settings(),
                                                    server.active(),
                                                    server.inactive()));
                }
            }
            all.sort(null);
            all.add(CounterWords.of("all", balancer.administration().totals()));
            return all;
        }

        @Override
        public void close() {
            balancer.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 16})
    void severalWorkersDoWhatOneDoesThatSeesEveryPacket(int workers) {
        try (KernelTwin kernel = new KernelTwin(3, random.nextLong(), workers);
                Site one = new Site(1, null);
                Site several = new Site(workers, kernel)) {
            for (int number = 0; number < SERVICES; number++) {
                makeService(one, several, number);
            }
            for (int step = 0; step < STEPS; step++) {
                step(one, several, step);
                if (step % 200 == 0) {
                    assertThat(several.state())
                            .as("step %d, %s", step, Seed.ofThisRun())
                            .containsExactlyElementsOf(one.state());
                }
            }
            now += 300;
            several.run();
            one.run();
            assertThat(several.state()).isEqualTo(one.state());
            assertThat(several.balancer.drops()).isEqualTo(one.balancer.drops());
            OffloadStatistics offloaded = several.balancer.offloaded();
            assertThat(offloaded).isNotNull();
            assertThat(offloaded.packets()).isEqualTo(several.byKernel).isGreaterThan(STEPS / 50);
            assertThat(offloaded.flows()).isEqualTo(kernel.open());
            assertThat(offloaded.refused()).as("places that others had").isPositive();
            several.balancer.ipvsadm("-C");
            assertThat(kernel.open()).isZero();
            allPlacesAreFree(several, kernel);
        }
    }

    private void allPlacesAreFree(Site site, KernelTwin kernel) {
        site.run();
        now += 100;
        site.run();
        FlowTable last = kernel.tables().getLast();
        for (int place = 0; place < last.capacity(); place++) {
            assertThat(last.claim(place)).as("place %d", place).isTrue();
        }
    }

    private static boolean tcp(int number) {
        return number < 4;
    }

    private static String method(int number) {
        return number % 2 == 0 ? "-m" : "-g";
    }

    private static int serverPort(int number) {
        return number % 2 == 0 ? 8080 + number : 80 + number;
    }

    private static String service(int number) {
        return (tcp(number) ? "-t " : "-u ") + VIP + ":" + (80 + number);
    }

    private static void makeService(Site one, Site several, int number) {
        rule(one, several, "-A " + service(number) + " -s " + SCHEDULERS[number % 3]);
        for (int i = 11; i < 14; i++) {
            rule(one, several, "-a " + server(number, i) + " " + method(number) + " -w " + i);
        }
    }

    private static String server(int number, int host) {
        return service(number) + " -r 10.2.0." + host + ":" + serverPort(number);
    }

    private static void rule(Site one, Site several, String line) {
        String[] words = line.split(" ");
        assertThat(several.balancer.ipvsadm(words)).as(line).isEqualTo(one.balancer.ipvsadm(words));
    }

    private void step(Site one, Site several, int step) {
        int choice = random.nextInt(1000);
        if (choice < 960) {
            boolean reply = random.nextInt(3) == 0;
            byte[] frame = frame(reply);
            List<String> expected = one.send(reply, frame);
            assertThat(several.send(reply, frame))
                    .as("step %d, after %s, %s", step, FrameWords.frame(frame), Seed.ofThisRun())
                    .isEqualTo(expected);
        } else if (choice < 990) {
            // Seconds in all, as what the kernel forwards renews timers a moment later.
            now += random.nextInt(20);
            one.run();
            several.run();
        } else if (choice < 999) {
            int number = random.nextInt(SERVICES);
            String server = server(number, 11 + random.nextInt(3)) + " " + method(number);
            switch (random.nextInt(3)) {
                case 0 -> rule(one, several, "-e " + server + " -w " + random.nextInt(4));
                case 1 -> rule(one, several, "-Z");
                default -> {
                    rule(one, several, "-d " + server.substring(0, server.length() - 3));
                    rule(one, several, "-a " + server + " -w 2");
                }
            }
        } else {
            // Everything is over then, once what the kernel has forwarded is counted.
            for (int millis : new int[] {300, 1_000_000}) {
                now += millis;
                one.run();
                several.run();
            }
        }
    }

    private byte[] frame(boolean reply) {
        int number = reply ? 2 * random.nextInt(SERVICES / 2) : random.nextInt(SERVICES);
        String client = "10.1.0." + (11 + random.nextInt(CLIENTS));
        int port = 4000;
        FrameBuilder frame = tcp(number) ? segment(reply) : Frames.udp();
        if (reply) {
            frame.from("10.2.0." + (11 + random.nextInt(3)), serverPort(number)).to(client, port);
            frame.macs("02:00:00:00:01:01", "02:00:00:00:01:02");
        } else {
            frame.from(client, port).to(VIP, 80 + number);
        }
        frame.id(packet++ & 0xffff).payload(new byte[12 + random.nextInt(100)]);
        return frame.bytes();
    }

    private FrameBuilder segment(boolean reply) {
        FrameBuilder segment = Frames.tcp();
        return switch (random.nextInt(50)) {
            case 0, 1 -> segment.ack(7).fin();
            case 2 -> segment.rst();
            case 3, 4, 5, 6, 7 -> reply ? segment.syn().ack(1) : segment.syn();
            default -> segment.ack(7);
        };
    }
}
