package io.weir.dataplane.director;

import static io.weir.dataplane.testing.WorkerBench.CLIENT;
import static io.weir.dataplane.testing.WorkerBench.VIP;
import static io.weir.dataplane.testing.WorkerBench.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.header.Sctp;
import io.weir.dataplane.packet.DropReason;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.UnchangedForwarder;
import io.weir.dataplane.testing.WorkerBench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** How associations begin, are listed, counted and used anew; by direct routing. */
class SctpConnectionsTest {
    private static final ServiceId SIGNALLING = ServiceId.of(ServiceId.SCTP, address(VIP), 2905);
    private static final ServerId FIRST = new ServerId(address("10.2.0.11"), 2905);
    private static final ServerId SECOND = new ServerId(address("10.2.0.12"), 2905);
    private static final ServerSettings DIRECT = ServerSettings.of(ForwardingMethod.ROUTE, 1);
    private static final ServerSettings QUIET = ServerSettings.of(ForwardingMethod.ROUTE, 0);

    private final WorkerBench bench = new WorkerBench(context -> new UnchangedForwarder());
    private final Director director = bench.worker().director();

    @AfterEach
    void close() {
        assertThat(bench.faults()).isEmpty();
        bench.close();
    }

    private void service(int persistentSeconds) {
        director.addService(
                SIGNALLING, new ServiceSettings("first", 0, persistentSeconds, -1, false, null));
        director.addServer(SIGNALLING, FIRST, DIRECT);
    }

    private static FrameBuilder packet(int port) {
        return Frames.sctp().from(CLIENT, port).to(VIP, 2905).verificationTag(7);
    }

    private static FrameBuilder init(int port) {
        return Frames.sctp().from(CLIENT, port).to(VIP, 2905).initChunk(Sctp.INIT, 7);
    }

    /** The last two digits of the server's Ethernet address, or what came instead. */
    private String server(FrameBuilder packet) {
        List<String> words = bench.fromClient(packet);
        assertThat(words).hasSize(1);
        String start = "srv 02:00:00:00:00:02 > 02:00:00:00:02:";
        return words.getFirst().startsWith(start)
                ? words.getFirst().substring(start.length(), start.length() + 2)
                : words.getFirst();
    }

    private List<String> connections() {
        List<String> lines = new ArrayList<>();
        director.connections(
                c -> lines.add(c.clientPort() + " " + c.state() + " " + c.expiresSeconds()));
        lines.sort(null);
        return lines;
    }

    private String connection() {
        assertThat(connections()).hasSize(1);
        return connections().getFirst();
    }

    private ServerListing only() {
        return director.service(SIGNALLING).servers().getFirst();
    }

    @Test
    void anAssociationIsFollowed() {
        service(0);
        assertThat(server(init(4000))).isEqualTo("0b");
        assertThat(connection()).isEqualTo("4000 INIT1 4");
        assertThat(only().active()).isZero();
        assertThat(only().inactive()).isEqualTo(1);
        assertThat(server(packet(4000).chunk(Sctp.COOKIE_ECHO))).isEqualTo("0b");
        assertThat(connection()).isEqualTo("4000 ESTABLISHED 900");
        assertThat(only().active()).isEqualTo(1);
        assertThat(only().inactive()).isZero();
        assertThat(server(packet(4000).chunk(Sctp.SHUTDOWN))).isEqualTo("0b");
        assertThat(connection()).isEqualTo("4000 S-RECEIVED 61");
        assertThat(server(packet(4000).chunk(Sctp.SHUTDOWN_COMPLETE))).isEqualTo("0b");
        assertThat(connection()).isEqualTo("4000 CLOSED 61");
        assertThat(only().active()).isZero();
        bench.pass(70_000);
        assertThat(connections()).isEmpty();
        assertThat(only().inactive()).isZero();
    }

    @Test
    void onlyAnInitBegins() {
        service(0);
        for (int chunk = 0; chunk <= 15; chunk++) {
            if (chunk != Sctp.INIT) {
                bench.fromClient(packet(4000).chunk(chunk));
                assertThat(director.connectionCount()).as("chunk %d", chunk).isZero();
            }
        }
        assertThat(server(packet(4000).chunk(Sctp.DATA))).contains(" sctp tag 7 chunk 6 ");
        assertThat(bench.fromClient(Frames.sctp().from(CLIENT, 1).to(VIP, 2905))).isEmpty();
        assertThat(server(init(4000))).isEqualTo("0b");
        assertThat(server(packet(4000))).isEqualTo("0b");
    }

    @Test
    void withSloppySctpEverythingButAbortBegins() {
        service(0);
        director.sysctls().set(Sysctl.SLOPPY_SCTP, 1);
        assertThat(server(packet(1).chunk(Sctp.DATA))).isEqualTo("0b");
        assertThat(server(packet(2).chunk(Sctp.HEARTBEAT))).isEqualTo("0b");
        assertThat(connections()).containsExactly("1 ESTABLISHED 900", "2 ESTABLISHED 900");
        assertThat(bench.fromClient(packet(3).chunk(Sctp.ABORT))).isEmpty();
        assertThat(bench.fromClient(packet(4))).isEmpty();
        assertThat(director.connectionCount()).isEqualTo(2);
    }

    @Test
    void aClosedAssociationsPortsAreScheduledAnew() {
        service(0);
        server(init(4000));
        server(packet(4000).chunk(Sctp.COOKIE_ECHO));
        director.addServer(SIGNALLING, SECOND, DIRECT);
        assertThat(server(init(4000))).isEqualTo("0b");
        server(packet(4000).chunk(Sctp.ABORT));
        assertThat(connection()).isEqualTo("4000 CLOSED 61");
        director.sysctls().set(Sysctl.CONN_REUSE_MODE, 0);
        assertThat(server(init(4000))).isEqualTo("0b");
        assertThat(connection()).startsWith("4000 INIT ");
        server(packet(4000).chunk(Sctp.ABORT));
        director.sysctls().set(Sysctl.CONN_REUSE_MODE, 1);
        assertThat(server(packet(4000).chunk(Sctp.DATA))).isEqualTo("0b");
        assertThat(server(init(4000))).isEqualTo("0c");
    }

    @Test
    void aQuietServersClientsBeginAnewWithExpireNodestConn() {
        service(0);
        server(init(4000));
        server(packet(4000).chunk(Sctp.COOKIE_ECHO));
        director.addServer(SIGNALLING, SECOND, DIRECT);
        director.editServer(SIGNALLING, FIRST, QUIET);
        assertThat(server(init(4000))).isEqualTo("0b");
        director.sysctls().set(Sysctl.EXPIRE_NODEST_CONN, 1);
        assertThat(server(packet(4000).chunk(Sctp.DATA))).isEqualTo("0b");
        assertThat(server(init(4000))).isEqualTo("0c");
    }

    @Test
    void aRemovedServersAssociationsWaitOrEnd() {
        service(0);
        server(init(4000));
        server(packet(4000).chunk(Sctp.COOKIE_ECHO));
        director.deleteServer(SIGNALLING, FIRST);
        assertThat(bench.fromClient(packet(4000).chunk(Sctp.DATA))).isEmpty();
        assertThat(bench.drops(DropReason.SERVER_REMOVED)).isEqualTo(1);
        director.sysctls().set(Sysctl.EXPIRE_NODEST_CONN, 1);
        assertThat(server(packet(4000).chunk(Sctp.DATA))).contains(" sctp tag 7 chunk 6 ");
        bench.pass(20);
        assertThat(connections()).isEmpty();
    }

    @Test
    void aTemplateIsAssuredByAnEstablishedAssociation() {
        service(100);
        server(init(4000));
        assertThat(connections()).containsExactly("0 NONE 100", "4000 INIT1 4");
        director.addServer(SIGNALLING, SECOND, DIRECT);
        assertThat(server(init(4001))).isEqualTo("0b");
        server(packet(4000).chunk(Sctp.COOKIE_ECHO));
        assertThat(connections())
                .containsExactly("0 ASSURED 100", "4000 ESTABLISHED 900", "4001 INIT1 4");
    }

    @Test
    void errorsAboutAnAssociationGoToItsServer() {
        service(0);
        server(init(4000));
        byte[] quoted = Frames.sctp().from(VIP, 2905).to(CLIENT, 4000).chunk(2).packet();
        assertThat(server(Frames.icmpError(3, 1, quoted).from("10.1.0.254").to(VIP)))
                .isEqualTo("0b");
    }

    @Test
    void tellsIfThereIsNoServer() {
        director.addService(SIGNALLING, ServiceSettings.of("first"));
        assertThat(server(init(4000))).contains(" 10.1.0.100 > 10.1.0.11 icmp 3/3 ");
        assertThat(bench.drops(DropReason.NO_SERVER)).isEqualTo(1);
    }

    // No header of a packet socket can ask the kernel for a CRC32c.
    @Test
    void aChecksumLeftToTheHardwareIsMade() {
        service(0);
        byte[] frame =
                init(4000).partialChecksum().macs("02:00:00:00:01:0b", WorkerBench.CLI_MAC).bytes();
        bench.injectOffloaded(frame, 0);
        bench.run();
        assertThat(bench.words())
                .singleElement()
                .asString()
                .contains(" 10.1.0.100:2905 sctp tag 0 chunk 1 ")
                .doesNotContain("bad-checksum");
    }
}
