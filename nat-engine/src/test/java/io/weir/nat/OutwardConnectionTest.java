package io.weir.nat;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.SERVER;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.director.Director;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

/** What a real server says of itself, for a service with a persistence engine. */
class OutwardConnectionTest {
    private static final ServiceId SIP = ServiceId.of(ServiceId.UDP, address(VIP), 5060);
    private static final ServerId OTHER = new ServerId(address("10.2.0.12"), 5080);
    private static final String TO_CLIENT =
            "cli 02:00:00:00:00:01 > 02:00:00:00:01:0b 10.1.0.100:5060 > 10.1.0.11:4000 udp";

    private final WorkerBench bench = new WorkerBench(context -> new MasqueradeForwarder());
    private final Director director = bench.worker().director();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private static ServiceSettings settings(int persistentSeconds, boolean onePacket) {
        return new ServiceSettings("first", 0, persistentSeconds, -1, onePacket, "payload");
    }

    private void service(ServiceSettings settings) {
        bench.service(SIP, settings, ForwardingMethod.MASQUERADE, 5080);
    }

    private String serverSays(String what) {
        return one(
                bench.fromServer(Frames.udp().from(SERVER, 5080).to(CLIENT, 4000).payload(what)));
    }

    private String clientSays(String what) {
        return one(bench.fromClient(Frames.udp().from(CLIENT, 4000).to(VIP, 5060).payload(what)));
    }

    private static String one(List<String> words) {
        assertThat(words).hasSize(1);
        return words.getFirst();
    }

    @Test
    void beginsAConnectionThatTheClientCanAnswerOn() {
        service(settings(60, false));
        assertThat(serverSays("call 1")).startsWith(TO_CLIENT);
        assertThat(director.connectionCount()).as("with its template").isEqualTo(2);
        director.addServer(SIP, OTHER, ServerSettings.of(ForwardingMethod.MASQUERADE, 1));
        assertThat(clientSays("call 1")).contains("10.1.0.11:4000 > 10.2.0.11:5080");
    }

    @Test
    void aCallFromAServerIsItsFromThenOn() {
        service(settings(60, true));
        assertThat(serverSays("call 1")).startsWith(TO_CLIENT);
        assertThat(director.connectionCount()).as("the template alone").isEqualTo(1);
        director.addServer(SIP, OTHER, ServerSettings.of(ForwardingMethod.MASQUERADE, 1));
        assertThat(clientSays("call 1")).contains(" > 10.2.0.11:5080");
        assertThat(clientSays("call 2")).contains(" > 10.2.0.12:5080");
        assertThat(serverSays("call 2")).as("the other server's call").startsWith(TO_CLIENT);
        assertThat(clientSays("call 2")).contains(" > 10.2.0.11:5080");
    }

    @Test
    void answersToPacketsScheduledAloneAreTranslated() {
        service(settings(0, true));
        assertThat(clientSays("call 1")).contains(" > 10.2.0.11:5080");
        assertThat(serverSays("call 1")).startsWith(TO_CLIENT);
        assertThat(director.connectionCount()).isZero();
    }

    @Test
    void withoutAKeyItLeavesAsItIs() {
        service(settings(60, false));
        assertThat(serverSays("")).contains(" 10.2.0.11:5080 > 10.1.0.11:4000 ");
        assertThat(director.connectionCount()).isZero();
    }

    @Test
    void withoutTheEngineItLeavesAsItIs() {
        service(settings(60, true));
        ServiceSettings plain = new ServiceSettings("first", 0, 60, -1, true, null);
        director.editService(SIP, plain);
        assertThat(serverSays("call 1")).contains(" 10.2.0.11:5080 > 10.1.0.11:4000 ");
        director.editService(SIP, settings(60, true));
        assertThat(serverSays("call 1")).startsWith(TO_CLIENT);
        director.deleteServer(SIP, new ServerId(address(SERVER), 5080));
        assertThat(serverSays("call 1")).contains(" 10.2.0.11:5080 > 10.1.0.11:4000 ");
    }
}
