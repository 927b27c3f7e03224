package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.Random;
import java.util.Set;

/** The kernel's choice of a worker, on single frames, against the function in Java. */
class WorkerChoiceTest {
    private static final String HERE = "00:00:00:00:00:00";
    private static final String PEER = "02:00:00:00:00:01";
    private static final String[] VIP = {"192.0.2.10", "2001:db8::10"};
    private static final String[] REAL = {"10.0.0.5", "fd00::5"};
    private static final String[] OWN = {"10.0.0.1", "fd00::1"};
    private static final int CLIENTS = 40;

    private final Random random = Seed.ofThisRun().random();
    private final ClientSpread spread = new ClientSpread(16, random.nextLong());
    private KernelSteering steering;
    private Descriptor choice;

    @BeforeEach
    void open() throws Exception {
        NamespaceLab.assumeRoot();
        steering = KernelSteering.open();
        choice = steering.loadWorkerChoice(spread);
        steering.update(
                new SteeringRules(
                        Set.of(endpoint(6, VIP[0], 80), endpoint(6, VIP[1], 80)),
                        Set.of(endpoint(6, REAL[0], 8080), endpoint(6, REAL[1], 8080)),
                        Set.of(
                                endpoint(4, REAL[0], 0),
                                endpoint(41, REAL[0], 0),
                                endpoint(47, REAL[0], 0),
                                endpoint(17, REAL[0], 6080)),
                        MarkedTraffic.NONE));
        steering.updateHost(Set.of(host(OWN[0]), host(OWN[1]), host(VIP[0]), host(VIP[1])));
    }

    @AfterEach
    void close() {
        if (steering != null) {
            choice.close();
            steering.close();
        }
    }

    private static Endpoint endpoint(int protocol, String address, int port) {
        return new Endpoint(protocol, IpAddress.parse(address), port);
    }

    private static Prefix host(String address) {
        return Prefix.host(IpAddress.parse(address));
    }

    private String client(int family) {
        return family == 0
                ? "198.51." + random.nextInt(256) + "." + (1 + random.nextInt(254))
                : "2001:db8:" + Integer.toHexString(random.nextInt(1 << 16)) + "::7";
    }

    private int worker(String client) {
        IpAddress address = IpAddress.parse(client);
        return address.ipv6()
                ? spread.worker(address.high(), address.low())
                : spread.worker(0, EndpointSteering.mappedLow(address.v4()));
    }

    private int run(FrameBuilder frame) throws SystemCallException {
        return Bpf.testRun(choice.number(), frame.macs(PEER, HERE).bytes(), "test");
    }

    @Test
    void bothDirectionsAndErrorsMeetOnOneWorker() throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            for (int family = 0; family < 2; family++) {
                String client = client(family);
                int worker = worker(client);
                FrameBuilder request = Frames.tcp().syn().from(client, 4000).to(VIP[family], 80);
                FrameBuilder reply = Frames.tcp().ack(1).from(REAL[family], 8080).to(client, 4000);
                assertThat(run(request)).as(client).isEqualTo(worker);
                assertThat(run(reply)).as(client).isEqualTo(worker);
                FrameBuilder answer = Frames.tcp().ack(1).from(VIP[family], 80).to(client, 4000);
                FrameBuilder passed = Frames.tcp().syn().from(client, 4000).to(REAL[family], 8080);
                String router = family == 0 ? "203.0.113.1" : "2001:db8:ffff::1";
                int type = family == 0 ? 3 : 1;
                FrameBuilder error = Frames.icmpError(type, 1, answer.packet());
                assertThat(run(error.from(router).to(VIP[family]))).isEqualTo(worker);
                error = Frames.icmpError(type, 1, passed.packet());
                assertThat(run(error.from(router).to(client))).isEqualTo(worker);
            }
        }
    }

    @Test
    void fragmentsFollowTheirAddresses() throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            String client = client(0);
            FrameBuilder large = Frames.tcp().from(client, 4000).to(VIP[0], 80);
            for (byte[] fragment : large.macs(PEER, HERE).payload(new byte[3000]).fragments(1480)) {
                assertThat(Bpf.testRun(choice.number(), fragment, "test"))
                        .isEqualTo(worker(client));
            }
        }
    }

    @Test
    void errorsAboutTunnelsGoToTheWorkerOfTheClientInside() throws Exception {
        byte[] gue4 = {0, 4, 0, 0};
        byte[] gue6 = {1, 41, 0, 0, 9, 9, 9, 9};
        for (int i = 0; i < CLIENTS; i++) {
            for (int family = 0; family < 2; family++) {
                String client = client(family);
                byte[] inner = Frames.tcp().syn().from(client, 4000).to(VIP[family], 80).packet();
                byte type = (byte) (family == 0 ? 0x08 : 0x86);
                byte last = (byte) (family == 0 ? 0 : 0xdd);
                String seen = client + " ";
                assertThat(inside(family == 0 ? 4 : 41, new byte[0], inner))
                        .as(seen + "ip in ip")
                        .isEqualTo(worker(client));
                assertThat(inside(47, new byte[] {0, 0, type, last}, inner))
                        .as(seen + "gre")
                        .isEqualTo(worker(client));
                byte[] checked = {(byte) 0x80, 0, type, last, 1, 2, 0, 0};
                assertThat(inside(47, checked, inner))
                        .as(seen + "gre with checksum")
                        .isEqualTo(worker(client));
                assertThat(inside(17, family == 0 ? gue4 : gue6, inner))
                        .as(seen + "gue")
                        .isEqualTo(worker(client));
            }
        }
    }

    private int inside(int protocol, byte[] header, byte[] inner) throws SystemCallException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(header);
        content.writeBytes(inner);
        FrameBuilder outer = protocol == 17 ? Frames.udp() : Frames.ip(protocol);
        byte[] packet =
                outer.from(OWN[0], 50000).to(REAL[0], 6080).payload(content.toByteArray()).packet();
        return run(Frames.icmpError(3, 1, packet).from("10.0.0.254").to(OWN[0]));
    }

    @Test
    void clientsAreSharedOutEvenly() {
        for (int workers : new int[] {2, 3, 16}) {
            ClientSpread some = new ClientSpread(workers, random.nextLong());
            int[] clients = new int[workers];
            for (int i = 0; i < 100_000; i++) {
                clients[some.worker(0, EndpointSteering.mappedLow(0x0a000000 + i))]++;
            }
            double mean = 100_000.0 / workers;
            for (int of : clients) {
                // six standard deviations
                assertThat(Math.abs(of - mean))
                        .as("%d workers, %s", workers, Seed.ofThisRun())
                        .isLessThan(6 * Math.sqrt(mean));
            }
        }
    }
}
