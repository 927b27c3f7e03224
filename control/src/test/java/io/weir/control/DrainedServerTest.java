package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** Servers that drain, and those that are expelled with their connections, in a balancer. */
class DrainedServerTest {
    private static final String VIP = "10.1.0.100";
    private static final ServiceId WEB = ServiceId.of(ServiceId.TCP, ip(VIP), 80);

    private @Nullable Balancer balancer;
    private @Nullable MemoryLink clients;
    private @Nullable MemoryLink servers;

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private void build(String options) {
        String rules = "-A -t " + VIP + ":80 " + options + "\n";
        for (int i = 11; i < 14; i++) {
            rules += "-a -t " + VIP + ":80 -r 10.2.0." + i + ":80 -m -w 1\n";
        }
        balancer = Balancer.builder().rules(rules).build();
        clients = balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", VIP + "/32");
        servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
        for (int i = 11; i < 60; i++) {
            balancer.neighbour(clients, "10.1.0." + i, 0x020000000001L);
            balancer.neighbour(servers, "10.2.0." + i, 0x020000000101L);
        }
    }

    @AfterEach
    void close() {
        if (balancer != null) {
            balancer.close();
        }
    }

    private Administration rules() {
        return balancer.administration();
    }

    /** Where a client's packet went: the last number of the server's address, or the answer. */
    private String send(FrameBuilder packet) {
        clients.inject(packet.bytes());
        balancer.runOnce();
        byte[] frame = servers.poll();
        if (frame != null) {
            String words = FrameWords.frame(frame);
            int at = words.indexOf("> 10.2.0.") + "> 10.2.0.".length();
            return words.substring(at, at + 2);
        }
        byte[] answer = clients.poll();
        return answer == null ? "nothing" : FrameWords.frame(answer);
    }

    private static FrameBuilder from(int client, int port) {
        return Frames.tcp().from("10.1.0." + client, port).to(VIP, 80);
    }

    private String syn(int client, int port) {
        return send(from(client, port).syn());
    }

    private String data(int client, int port) {
        return send(from(client, port).ack(1));
    }

    private ServerId server(String number) {
        return new ServerId(ip("10.2.0." + number), 80);
    }

    private ServerListing listing(String number) {
        ServiceListing service = rules().service(WEB);
        return service.servers().stream()
                .filter(s -> s.id().equals(server(number)))
                .findFirst()
                .orElse(null);
    }

    @Test
    void drainingOverridesPersistenceAndKeepsConnections() {
        build("-s rr -p 300");
        String first = syn(11, 4000);
        assertThat(syn(11, 4001)).isEqualTo(first);

        assertThat(rules().drainServer(WEB, server(first), true)).isEqualTo(RuleResult.DONE);
        assertThat(data(11, 4000)).isEqualTo(first);
        assertThat(syn(11, 4002)).isNotEqualTo(first).hasSize(2);
        assertThat(data(11, 4001)).isEqualTo(first);
        for (int client = 12; client < 22; client++) {
            assertThat(syn(client, 4000)).isNotEqualTo(first).hasSize(2);
        }
        ServerListing draining = listing(first);
        assertThat(draining.draining()).isTrue();
        assertThat(draining.active() + draining.inactive()).isEqualTo(2);
        assertThat(balancer.ipvsadm("-Ln").output()).contains("10.2.0." + first + ":80 ");

        assertThat(rules().drainServer(WEB, server(first), false)).isEqualTo(RuleResult.DONE);
        Set<String> answers = new HashSet<>();
        for (int client = 22; client < 32; client++) {
            answers.add(syn(client, 4000));
        }
        assertThat(answers).containsExactlyInAnyOrder("11", "12", "13");
    }

    // A hash of weight 0 keeps the clients that it has (recorded: sched-sh); a draining server's
    // clients go elsewhere.
    @ParameterizedTest
    @ValueSource(strings = {"sh", "dh", "mh", "wrr", "wlc", "sed", "lblc", "lblcr"})
    void noSchedulerPicksADrainingServer(String scheduler) {
        build("-s " + scheduler);
        String first = syn(11, 4000);
        assertThat(rules().drainServer(WEB, server(first), true)).isEqualTo(RuleResult.DONE);
        for (int client = 11; client < 50; client++) {
            assertThat(syn(client, 5000)).isNotEqualTo(first).hasSize(2);
        }
        assertThat(data(11, 4000)).isEqualTo(first);
    }

    @Test
    void expellingEndsConnectionsAndTellsTheirClients() {
        build("-s rr -p 300");
        String first = syn(11, 4000);
        rules().drainServer(WEB, server(first), true);
        String second = syn(12, 4000);
        assertThat(rules().expelServer(WEB, server(first))).isEqualTo(RuleResult.DONE);
        assertThat(rules().expelServer(WEB, server(first))).isEqualTo(RuleResult.NO_SERVER);

        assertThat(data(11, 4000)).contains(VIP + ":80 > 10.1.0.11:4000").contains("R");
        assertThat(data(12, 4000)).isEqualTo(second);
        for (int i = 0; i < 300; i++) {
            balancer.runOnce();
        }
        assertThat(balancer.ipvsadm("-Lnc").output()).doesNotContain("10.2.0." + first);
        assertThat(syn(11, 4000)).isNotEqualTo(first).hasSize(2);
    }

    @Test
    void aServerThatIsAddedAgainDrainsNoMore() {
        build("-s rr");
        rules().drainServer(WEB, server("11"), true);
        rules().deleteServer(WEB, server("11"));
        assertThat(balancer.ipvsadm("-a", "-t", VIP + ":80", "-r", "10.2.0.11", "-m").exitCode())
                .isZero();
        assertThat(listing("11").draining()).isFalse();
        Set<String> answers = new HashSet<>();
        for (int port = 4000; port < 4006; port++) {
            answers.add(syn(11, port));
        }
        assertThat(answers).containsExactlyInAnyOrder("11", "12", "13");
    }

    @Test
    void whatIsNotThereCannotDrain() {
        build("-s rr");
        assertThat(rules().drainServer(WEB, server("20"), true)).isEqualTo(RuleResult.NO_SERVER);
        assertThat(rules().drainServer(ServiceId.ofMark(7, false), server("11"), true))
                .isEqualTo(RuleResult.NO_SERVICE);
        assertThat(rules().drainServer(WEB, server("11"), true)).isEqualTo(RuleResult.DONE);
        assertThat(rules().drainServer(WEB, server("11"), true)).isEqualTo(RuleResult.DONE);
        assertThat(rules().deleteService(WEB)).isEqualTo(RuleResult.DONE);
        assertThat(rules().drainServer(WEB, server("11"), true)).isEqualTo(RuleResult.NO_SERVICE);
    }
}
