package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;
import io.weir.dataplane.worker.Worker;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What several workers do that one never has to. */
class WorkersTest {
    private static final String VIP = "10.1.0.100";
    private static final String RULES =
            """
            -A -t 10.1.0.100:80 -s wlc
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m
            -A -u 10.1.0.100:53 -s rr
            -a -u 10.1.0.100:53 -r 10.2.0.11:53 -g
            -a -u 10.1.0.100:53 -r 10.2.0.12:53 -g
            """;
    private static final Pattern SERVER = Pattern.compile("> (10\\.2\\.0\\.1[12]):");
    private static final int DATAGRAMS = 40_000;
    private static final int MOST_UNDER_WAY = 500;

    private final List<Site> sites = new ArrayList<>();
    private final Random random = Seed.ofThisRun().random();

    private static final class Site {
        private final Balancer balancer;
        private final MemoryLink clients;
        private final MemoryLink servers;

        Site(int workers, BalancerBuilder builder) {
            balancer = builder.workers(workers).rules(RULES).build();
            clients = balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", VIP + "/32");
            servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
            for (int i = 11; i < 255; i++) {
                balancer.neighbour(clients, "10.1.0." + i, 0x020000000001L);
                balancer.neighbour(servers, "10.2.0." + i, 0x020000000101L);
            }
        }

        String atServer(FrameBuilder frame) {
            assertThat(clients.inject(frame.bytes())).isTrue();
            balancer.runOnce();
            byte[] out = servers.poll();
            Matcher words = SERVER.matcher(out == null ? "" : FrameWords.frame(out));
            return words.find() ? words.group(1) : "none";
        }
    }

    private Site site(int workers, BalancerBuilder builder) {
        Site site = new Site(workers, builder);
        sites.add(site);
        return site;
    }

    @AfterEach
    void close() {
        sites.forEach(site -> site.balancer.close());
    }

    private static FrameBuilder packet(int client) {
        return Frames.tcp().from("10.1.0." + (20 + client), 4000 + client).to(VIP, 80);
    }

    @Test
    void connectionsOfTheProcessBeforeComeToTheWorkersOfTheirClients() {
        Site before = site(3, Balancer.builder());
        Map<Integer, String> servers = new HashMap<>();
        for (int client = 0; client < 60; client++) {
            servers.put(client, before.atServer(packet(client).syn()));
        }
        List<byte[]> saved = new ArrayList<>();
        before.balancer
                .administration()
                .saveConnections(
                        (message, length, count) -> saved.add(Arrays.copyOf(message, length)));

        Site after = site(2, Balancer.builder());
        after.balancer.runOnce();
        int restored = 0;
        int without = 0;
        for (byte[] message : saved) {
            restored += after.balancer.administration().restoreConnections(message);
            without += after.balancer.administration().bindConnections(message);
        }
        assertThat(restored).isEqualTo(60);
        assertThat(without).isZero();
        for (Worker worker : after.balancer.workers()) {
            assertThat(worker.director().connectionCount()).isBetween(10, 50);
        }
        for (int client = 0; client < 60; client++) {
            assertThat(after.atServer(packet(client).ack(1))).isEqualTo(servers.get(client));
        }
    }

    @Test
    void aFullSinkIsAskedNoMore() {
        Site before = site(4, Balancer.builder());
        for (int client = 0; client < 60; client++) {
            before.atServer(packet(client).syn());
        }
        List<Integer> counts = new ArrayList<>();
        before.balancer
                .administration()
                .saveConnections(
                        (message, length, count) -> {
                            counts.add(count);
                            return false;
                        });
        assertThat(counts).hasSize(1);
    }

    @Test
    void persistenceByAMaskNeedsOneWorker() {
        Site several = site(2, Balancer.builder());
        String[] masked = {"-A", "-t", VIP + ":81", "-s", "rr", "-p", "60", "-M", "255.255.255.0"};
        Ipvsadm.Outcome refused = several.balancer.ipvsadm(masked);
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.errors()).contains("persistence by a mask needs weir run --workers 1");
        assertThat(site(1, Balancer.builder()).balancer.ipvsadm(masked).exitCode()).isZero();
        String[] whole = {"-A", "-t", VIP + ":81", "-s", "rr", "-p", "60"};
        assertThat(several.balancer.ipvsadm(whole).exitCode()).isZero();
    }

    @Test
    void whatServersOpenIsAnsweredOnTheWorkerOfTheOtherEnd() {
        Site several =
                site(8, Balancer.builder().masquerade("any 10.2.0.0/24 behind 10.1.0.100\n"));
        for (int i = 0; i < 40; i++) {
            String other = "10.1.0." + (20 + i);
            FrameBuilder call = Frames.tcp().syn().from("10.2.0.11", 5000).to(other, 443);
            several.servers.inject(call.macs("02:00:00:00:01:01", "02:00:00:00:01:02").bytes());
            several.balancer.runOnce();
            byte[] sent = several.clients.poll();
            assertThat(sent).as(other).isNotNull();
            int port = (sent[34] & 0xff) << 8 | (sent[35] & 0xff);
            FrameBuilder answer = Frames.tcp().syn().ack(1).from(other, 443).to(VIP, port);
            assertThat(several.atServer(answer)).isEqualTo("10.2.0.11");
        }
        assertThat(several.balancer.drops()).isEmpty();
    }

    @Test
    void nothingIsLostOrDoubledWhileThreadsRunAndRulesChange() throws Exception {
        Site several = site(4, Balancer.builder());
        several.balancer.start();
        AtomicBoolean over = new AtomicBoolean();
        Thread operator =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    while (!over.get()) {
                                        changeRules(several.balancer);
                                    }
                                });
        AtomicInteger arrived = new AtomicInteger();
        Thread network = Thread.ofPlatform().start(() -> send(several.clients, arrived));
        int[] arrivals = new int[DATAGRAMS];
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (arrived.get() < DATAGRAMS && System.nanoTime() < deadline) {
            byte[] frame = several.servers.poll();
            if (frame == null) {
                Thread.onSpinWait();
            } else {
                arrivals[number(frame)]++;
                arrived.incrementAndGet();
            }
        }
        over.set(true);
        operator.join();
        assertThat(several.balancer.drops()).isEmpty();
        assertThat(arrived).as("%s", Seed.ofThisRun()).hasValue(DATAGRAMS);
        network.join();
        assertThat(Arrays.stream(arrivals).allMatch(times -> times == 1)).isTrue();
        assertThat(several.servers.poll()).isNull();
    }

    private static void changeRules(Balancer balancer) {
        balancer.ipvsadm("-A", "-t", VIP + ":443", "-s", "mh");
        balancer.ipvsadm("-a", "-t", VIP + ":443", "-r", "10.2.0.13:443", "-m");
        balancer.ipvsadm("-e", "-u", VIP + ":53", "-r", "10.2.0.12:53", "-g", "-w", "3");
        assertThat(balancer.administration().services()).hasSize(3);
        balancer.ipvsadm("-D", "-t", VIP + ":443");
    }

    // No more on their way than the queue of one worker has room for.
    private void send(MemoryLink link, AtomicInteger arrived) {
        for (int i = 0; i < DATAGRAMS; i++) {
            byte[] number = {(byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
            FrameBuilder datagram =
                    Frames.udp()
                            .from("10.1.0." + (101 + random.nextInt(100)), 4000 + i % 32)
                            .to(VIP, 53)
                            .payload(number);
            byte[] frame = datagram.bytes();
            while (i - arrived.get() > MOST_UNDER_WAY) {
                Thread.onSpinWait();
            }
            link.inject(frame);
        }
    }

    private static int number(byte[] frame) {
        int at = 14 + 20 + 8;
        return (frame[at] & 0xff) << 16 | (frame[at + 1] & 0xff) << 8 | (frame[at + 2] & 0xff);
    }
}
