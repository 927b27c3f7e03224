package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.afpacket.AfPacketPort;
import io.weir.dataplane.io.afpacket.PollWaiter;
import io.weir.dataplane.io.afpacket.RingSize;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A router between a client and a server, with the VIP on its loopback and forwarding on: its
 * kernel would answer everything that steering does not take away.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelSteeringTest {
    private static final String VIP = "192.0.2.10";
    private static final String SERVER = "10.2.0.2";
    private static final int TIMEOUT_MILLIS = 400;
    private static final SteeringRules RULES =
            new SteeringRules(
                    Set.of(endpoint(VIP, 80), endpoint(VIP, 9000)), Set.of(endpoint(SERVER, 8080)));

    private NamespaceLab lab;
    private NetworkNamespace client;
    private NetworkNamespace director;
    private NetworkNamespace server;

    @BeforeAll
    void build() {
        lab = new NamespaceLab();
        client = lab.namespace("client");
        director = lab.namespace("director");
        server = lab.namespace("server");
        lab.join(client, "c0", director, "d0");
        lab.join(director, "d1", server, "s0");
        lab.in(client, "ip", "addr", "add", "10.1.0.2/24", "dev", "c0");
        lab.in(client, "ip", "route", "add", "default", "via", "10.1.0.1");
        lab.in(director, "ip", "addr", "add", "10.1.0.1/24", "dev", "d0");
        lab.in(director, "ip", "addr", "add", "10.2.0.1/24", "dev", "d1");
        lab.in(director, "ip", "addr", "add", VIP + "/32", "dev", "lo");
        lab.in(director, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        lab.in(server, "ip", "addr", "add", SERVER + "/24", "dev", "s0");
        lab.in(server, "ip", "route", "add", "default", "via", "10.2.0.1");
    }

    @AfterAll
    void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    private static Endpoint endpoint(String address, int port) {
        return new Endpoint(6, IpAddress.parse(address), port);
    }

    private KernelSteering steer() throws Exception {
        return director.call(
                () -> {
                    KernelSteering steering = KernelSteering.open();
                    steering.attach(Sockets.interfaceIndex("d0", "test"), "d0");
                    steering.attach(Sockets.interfaceIndex("d1", "test"), "d1");
                    steering.updateHost(
                            Set.of(
                                    Prefix.host(IpAddress.parse("10.1.0.1")),
                                    Prefix.host(IpAddress.parse("10.2.0.1")),
                                    Prefix.host(IpAddress.parse(VIP))));
                    steering.update(RULES);
                    return steering;
                });
    }

    private enum Answer {
        CONNECTED,
        REFUSED,
        SILENCE
    }

    private static Answer connect(NetworkNamespace from, String address, int port)
            throws IOException {
        return from.call(
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(address, port), TIMEOUT_MILLIS);
                        return Answer.CONNECTED;
                    } catch (SocketTimeoutException e) {
                        return Answer.SILENCE;
                    } catch (ConnectException e) {
                        return Answer.REFUSED;
                    }
                });
    }

    @Test
    void hostIsSilentOnServicesAndAsEverOnTheRest() throws Exception {
        assertThat(connect(client, VIP, 80)).isEqualTo(Answer.REFUSED);
        try (KernelSteering steering = steer()) {
            assertThat(connect(client, VIP, 80)).isEqualTo(Answer.SILENCE);
            assertThat(steering.takenPackets()).isPositive();
            assertThat(connect(client, VIP, 81)).isEqualTo(Answer.REFUSED);
            assertThat(connect(client, "10.1.0.1", 80)).isEqualTo(Answer.REFUSED);
            assertThat(connect(client, SERVER, 22)).isEqualTo(Answer.REFUSED);

            steering.update(SteeringRules.NONE);
            assertThat(connect(client, VIP, 80)).isEqualTo(Answer.REFUSED);
            steering.update(RULES);
            assertThat(connect(client, VIP, 80)).isEqualTo(Answer.SILENCE);

            director.call(
                    () -> {
                        steering.detach(Sockets.interfaceIndex("d0", "test"));
                        return null;
                    });
            assertThat(connect(client, VIP, 80)).isEqualTo(Answer.REFUSED);
        }
        assertThat(connect(client, VIP, 80)).isEqualTo(Answer.REFUSED);
    }

    @Test
    void hostsOwnConnectionsToRealServersWork() throws Exception {
        try (ServerSocketChannel listener =
                        server.call(
                                () ->
                                        ServerSocketChannel.open()
                                                .bind(new InetSocketAddress(SERVER, 8080)));
                KernelSteering steering = steer()) {
            assertThat(listener.isOpen()).isTrue();
            assertThat(connect(director, SERVER, 8080)).isEqualTo(Answer.CONNECTED);
            assertThat(steering.takenPackets()).isZero();
            // A client's own connection: the server's answer is the balancer's to judge.
            assertThat(connect(client, SERVER, 8080)).isEqualTo(Answer.SILENCE);
            assertThat(steering.takenPackets()).isPositive();
        }
    }

    @Test
    void portWithTheSocketFilterReceivesJustWhatTheHostDoesNot() throws Exception {
        try (KernelSteering steering = steer();
                AfPacketPort port =
                        director.call(
                                () ->
                                        AfPacketPort.open(
                                                "d0",
                                                steering.socketFilter(0),
                                                RingSize.forMtu(1500)));
                PollWaiter waiter = new PollWaiter(List.of(port))) {
            assertThat(connect(client, VIP, 81)).isEqualTo(Answer.REFUSED);
            assertThat(connect(client, VIP, 80)).isEqualTo(Answer.SILENCE);
            PacketBurst burst = new PacketBurst();
            waiter.await(TimeUnit.SECONDS.toNanos(5));
            assertThat(port.receive(burst)).isEqualTo(1);
            Packet packet = burst.get(0);
            assertThat(Memory.u16(packet.frame() + 12)).isEqualTo(0x0800);
            assertThat(Memory.u16(packet.frame() + 14 + 20 + 2)).isEqualTo(80);
            port.release();
        }
    }

    @Test
    void hostIsBackTheInstantTheProcessIsKilled() throws Exception {
        Process holder =
                new ProcessBuilder(
                                "ip",
                                "netns",
                                "exec",
                                director.toString(),
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SteeringHolder.class.getName(),
                                "d0",
                                VIP,
                                "9000")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(connect(client, VIP, 9000)).isEqualTo(Answer.REFUSED);
            assertThat(output.readLine()).isEqualTo("steering");
            assertThat(connect(client, VIP, 9000)).isEqualTo(Answer.SILENCE);
            holder.destroyForcibly().waitFor(); // SIGKILL
            assertThat(connect(client, VIP, 9000)).isEqualTo(Answer.REFUSED);
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void missingInterfaceIsNamed() throws Exception {
        try (KernelSteering steering = KernelSteering.open()) {
            assertThatThrownBy(() -> steering.attach(1 << 30, "gone0"))
                    .isInstanceOf(SystemCallException.class)
                    .hasMessage(
                            "cannot steer the traffic of gone0: bpf(BPF_LINK_CREATE) failed with "
                                    + "ENODEV; check the interface's name with: ip link");
        }
    }
}
