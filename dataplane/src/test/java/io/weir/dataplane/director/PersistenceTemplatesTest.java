package io.weir.dataplane.director;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.UnchangedForwarder;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** Templates of services with a persistence engine; here it takes a whole datagram as the key. */
class PersistenceTemplatesTest {
    private static final ServiceId SIP = ServiceId.of(ServiceId.UDP, address(VIP), 5060);
    private static final ServerId OLD = new ServerId(address("10.2.0.11"), 5060);
    private static final ServerId NEW = new ServerId(address("10.2.0.12"), 5060);
    private static final ServerSettings DIRECT = ServerSettings.of(ForwardingMethod.ROUTE, 1);
    private static final String OTHER_CLIENT = "10.1.0.12";

    private final WorkerBench bench =
            new WorkerBench(options(), context -> new UnchangedForwarder());
    private final Director director = bench.worker().director();

    private static WorkerBench.Options options() {
        WorkerBench.Options options = new WorkerBench.Options();
        options.connections = 64;
        return options;
    }

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static ServiceSettings settings(boolean onePacket, String engine) {
        return new ServiceSettings("first", 0, 10, -1, onePacket, engine);
    }

    private void service(boolean onePacket) {
        director.addService(SIP, settings(onePacket, "payload"));
        director.addServer(SIP, OLD, DIRECT);
    }

    /** Sends a datagram; the last byte of the server's Ethernet address, or "nothing". */
    private String say(String client, int port, String what) {
        List<String> words =
                bench.fromClient(Frames.udp().from(client, port).to(VIP, 5060).payload(what));
        if (words.isEmpty()) {
            return "nothing";
        }
        String server = "srv 02:00:00:00:00:02 > 02:00:00:00:02:";
        assertThat(words.getFirst()).startsWith(server);
        return words.getFirst().substring(server.length(), server.length() + 2);
    }

    private List<String> templates() {
        List<String> lines = new ArrayList<>();
        director.connections(
                c -> {
                    if (c.persistenceEngine() != null) {
                        String ends = c.client() + ":" + c.clientPort() + " " + c.virtualPort();
                        String key = c.persistenceEngine() + " " + c.persistenceData();
                        lines.add(ends + " " + c.server() + " " + key);
                    }
                });
        lines.sort(null);
        return lines;
    }

    @Test
    void aKeyKeepsAClientAtItsServer() {
        service(false);
        assertThat(say(CLIENT, 4000, "call 1")).isEqualTo("0b");
        director.addServer(SIP, NEW, DIRECT);
        assertThat(say(CLIENT, 4001, "call 1")).as("the same call").isEqualTo("0b");
        assertThat(say(CLIENT, 4002, "call 2")).as("another call").isEqualTo("0c");
        assertThat(say(OTHER_CLIENT, 4000, "call 1"))
                .as("another client (recorded: persist-sip)")
                .isEqualTo("0c");
        assertThat(say(CLIENT, 4000, "call 2")).as("a connection that is there").isEqualTo("0b");
        assertThat(templates())
                .containsExactly(
                        "10.1.0.11:0 5060 10.2.0.11 payload call 1",
                        "10.1.0.11:0 5060 10.2.0.12 payload call 2",
                        "10.1.0.12:0 5060 10.2.0.12 payload call 1");
        assertThat(director.persistenceData().size()).isEqualTo(2);
    }

    @Test
    void withoutAKeyADatagramIsDroppedSilently() {
        service(false);
        assertThat(say(CLIENT, 4000, "")).isEqualTo("nothing");
        assertThat(bench.drops(DropReason.NO_PERSISTENCE_KEY)).isEqualTo(1);
        assertThat(director.connectionCount()).isZero();
        say(CLIENT, 4000, "call 1");
        assertThat(say(CLIENT, 4000, "")).as("it has a connection").isEqualTo("0b");
    }

    @Test
    void aTcpServiceTakesAnEngineThatNeverFindsAKey() {
        ServiceId web = ServiceId.of(ServiceId.TCP, address(VIP), 80);
        director.addService(web, settings(false, "payload"));
        director.addServer(web, new ServerId(address("10.2.0.11"), 80), DIRECT);
        assertThat(bench.fromClient(Frames.tcp().from(CLIENT, 4000).to(VIP, 80).syn())).isEmpty();
        assertThat(bench.drops(DropReason.NO_PERSISTENCE_KEY)).isEqualTo(1);
    }

    @Test
    void oneTemplateServesPacketsThatAreScheduledOneByOne() {
        service(true);
        assertThat(say(CLIENT, 4000, "call 1")).isEqualTo("0b");
        director.addServer(SIP, NEW, DIRECT);
        assertThat(say(CLIENT, 4000, "call 1")).isEqualTo("0b");
        assertThat(say(CLIENT, 4000, "call 2")).isEqualTo("0c");
        assertThat(say(CLIENT, 4000, "call 1")).isEqualTo("0b");
        assertThat(director.connectionCount()).as("two templates").isEqualTo(2);
    }

    @Test
    void aRemovedServersTemplateIsSetAside() {
        service(false);
        say(CLIENT, 4000, "call 1");
        director.addServer(SIP, NEW, DIRECT);
        director.deleteServer(SIP, OLD);
        assertThat(say(CLIENT, 4001, "call 1")).isEqualTo("0c");
        assertThat(templates())
                .containsExactly(
                        "10.1.0.11:0 5060 10.2.0.12 payload call 1",
                        "10.1.0.11:0 65535 10.2.0.11 payload call 1");
        assertThat(director.persistenceData().size()).isEqualTo(1);
    }

    @Test
    void keysAreLimitedAndComeBack() {
        service(true);
        int limit = director.persistenceData().capacity();
        assertThat(limit).as("a quarter of the connections").isEqualTo(16);
        for (int i = 0; i < limit; i++) {
            assertThat(say(CLIENT, 4000, "call " + i)).isEqualTo("0b");
        }
        assertThat(say(CLIENT, 4000, "one too many")).isEqualTo("nothing");
        assertThat(bench.drops(DropReason.PERSISTENCE_KEYS_FULL)).isEqualTo(1);
        assertThat(say(CLIENT, 4000, "call 3")).isEqualTo("0b");
        assertThat(say(OTHER_CLIENT, 4000, "call 3")).as("a known key").isEqualTo("0b");
        bench.pass(11_000);
        assertThat(director.connectionCount()).isZero();
        assertThat(director.persistenceData().size()).isZero();
        assertThat(say(CLIENT, 4000, "one too many")).isEqualTo("0b");
    }

    @Test
    void aFullTableTakesNoKey() {
        service(false);
        ServiceId dns = ServiceId.of(ServiceId.UDP, address(VIP), 53);
        director.addService(dns, ServiceSettings.of("first"));
        director.addServer(dns, new ServerId(address("10.2.0.11"), 53), DIRECT);
        for (int i = 0; i < 64; i++) {
            bench.fromClient(Frames.udp().from(CLIENT, 4000 + i).to(VIP, 53).payload("q"));
        }
        assertThat(say(CLIENT, 4000, "call 1")).isEqualTo("nothing");
        assertThat(bench.drops(DropReason.CONNECTION_TABLE_FULL)).isEqualTo(1);
        assertThat(director.persistenceData().size()).isZero();
    }

    @Test
    void anEditedServiceMayLoseItsEngine() {
        service(false);
        say(CLIENT, 4000, "call 1");
        director.addServer(SIP, NEW, DIRECT);
        director.editService(SIP, settings(false, null));
        assertThat(say(CLIENT, 4001, "call 1")).as("a template by address").isEqualTo("0c");
        assertThat(say(CLIENT, 4002, "")).isEqualTo("0c");
        director.editService(SIP, settings(false, "payload"));
        assertThat(say(CLIENT, 4003, "call 1")).as("the key is still known").isEqualTo("0b");
    }
}
