package io.weir.control.vrrp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.failover.Role;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.RawIpSocket;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two routers on a real network, with real addresses. */
@Isolated
final class VrrpIT {
    private static final String ADDRESS = "10.9.0.100";

    /** Three of them are longer than a busy machine holds a thread up. */
    private static final int MILLIS = 300;

    private static final int FAST_MILLIS = 300;

    /** What a busy machine may hold everybody up; how long it was is printed. */
    private static final long SILENCE_MILLIS = 5_000;

    private static VrrpInstanceConfig instance(int priority) {
        return Instances.of("vr", 51, ADDRESS).millis(MILLIS).priority(priority).build();
    }

    private static VrrpInstanceConfig six(int priority) {
        Instances six = Instances.of("six", 6, "fe80::100", "fd09::100");
        return six.millis(MILLIS).priority(priority).build();
    }

    // Nothing listens there; but who refuses has been found.
    private static void ask(NetworkNamespace client) throws IOException {
        client.call(
                () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(new InetSocketAddress(ADDRESS, 9), 20_000);
                        throw new IOException("somebody listens");
                    } catch (ConnectException e) {
                        return true;
                    }
                });
    }

    private static void shout(NetworkNamespace from, String source, Instances as)
            throws IOException {
        VrrpInstanceConfig config = as.build();
        byte[] message =
                AdvertisementWriter.write(
                        new VirtualRouter(config).advertisement(255),
                        null,
                        false,
                        Instances.ip(source),
                        MessageFormat.GROUP);
        try (RawIpSocket socket =
                from.call(() -> new RawIpSocket(false, MessageFormat.PROTOCOL, "eth0", "shout"))) {
            int sent =
                    socket.send(
                            Instances.ip(source).toBytes(), MessageFormat.GROUP.toBytes(), message);
            assertThat(sent).isEqualTo(message.length);
        }
    }

    private static String neighbour(NetworkNamespace client) {
        try {
            return Namespaces.run(
                    List.of("ip", "-n", client.toString(), "neigh", "show", ADDRESS), "");
        } catch (LabException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void takesOverFromAKilledRouterAndFromAStoppedOne() throws Exception {
        try (RouterLan lan = new RouterLan()) {
            NetworkNamespace first = lan.add("first");
            NetworkNamespace second = lan.add("second");
            NetworkNamespace client = lan.add("client");
            try (VrrpProcess process = VrrpProcess.start(first, 51, 200, FAST_MILLIS, ADDRESS);
                    TestRouter router = new TestRouter(second)) {
                assertThat(process.awaitActive()).isTrue();
                router.configure(
                        List.of(), Instances.of("vr", 51, ADDRESS).millis(FAST_MILLIS).build());
                TestRouter.await("heard", () -> router.status("vr").partner().equals("10.9.0.1"));
                ask(client);
                assertThat(neighbour(client)).contains(RouterLan.mac(first));

                long killed = System.nanoTime();
                process.signal("KILL");
                router.awaitRole("vr", Role.ACTIVE);
                long millis = TimeUnit.NANOSECONDS.toMillis(router.changedAt("vr") - killed);
                System.out.println("VRRP took over " + millis + " ms after kill -9");
                // 3 intervals and a skew after the last packet; the machine is busy.
                assertThat(millis).isBetween(2L * FAST_MILLIS - 10, 10_000L);
                assertThat(router.has(ADDRESS)).isTrue();
                String mac = RouterLan.mac(second);
                TestRouter.await("announced", () -> neighbour(client).contains(mac));
            }
            assertThat(TestRouter.has(second, ADDRESS)).isFalse();
        }
    }

    @Test
    void resumesWithoutTakingTheRoleBackBlindly() throws Exception {
        try (RouterLan lan = new RouterLan()) {
            NetworkNamespace first = lan.add("first");
            try (VrrpProcess process = VrrpProcess.start(first, 51, 100, MILLIS, ADDRESS);
                    TestRouter router = new TestRouter(lan.add("second"))) {
                assertThat(process.awaitActive()).isTrue();
                router.configure(
                        List.of(),
                        Instances.of("vr", 51, ADDRESS).millis(MILLIS).noPreempt().build());
                TestRouter.await("heard", () -> router.status("vr").partner().equals("10.9.0.1"));
                process.signal("STOP");
                router.awaitRole("vr", Role.ACTIVE);
                Thread.sleep(4 * MILLIS);
                process.signal("CONT");
                // Equal priorities: without listening first, the order of addresses would decide.
                TestRouter.await("gave way", () -> !TestRouter.has(first, ADDRESS));
                Thread.sleep(2 * MILLIS);
                assertThat(router.role("vr")).isEqualTo(Role.ACTIVE);
                assertThat(router.has(ADDRESS)).isTrue();
                assertThat(TestRouter.has(first, ADDRESS)).isFalse();
            }
        }
    }

    @Test
    void movesTheRoleAsItIsTold() throws Exception {
        try (RouterLan lan = new RouterLan()) {
            NetworkNamespace client = lan.add("client");
            NetworkNamespace one = lan.add("first");
            try (TestRouter first = new TestRouter(one);
                    TestRouter second = new TestRouter(lan.add("second"))) {
                first.configure(List.of(), instance(200));
                second.configure(List.of(), instance(100));
                first.awaitRole("vr", Role.ACTIVE);
                TestRouter.await("on", () -> first.has(ADDRESS));

                // A stranger with the same number, and the highest priority.
                shout(client, "10.9.0.1", Instances.of("other", 51, "10.9.0.200"));
                TestRouter.await("refused", () -> first.states("vr").contains("stranger"));
                assertThat(first.status("vr").detail()).endsWith("refused: stranger 1");
                // Somebody who has recorded or made up a packet gets the role, and not for long.
                shout(client, "10.9.0.1", Instances.of("forged", 51, ADDRESS).millis(MILLIS));
                first.awaitRole("vr", Role.STANDBY);
                first.awaitRole("vr", Role.ACTIVE);
                second.awaitRole("vr", Role.STANDBY);

                // Link down and up: the role goes and, as it preempts, comes back.
                lan.configure(one, "link set eth0 down");
                second.awaitRole("vr", Role.ACTIVE);
                assertThat(first.role("vr")).isEqualTo(Role.FAULT);
                assertThat(first.status("vr").detail()).contains("eth0 is down");
                lan.configure(one, "link set eth0 up");
                first.awaitRole("vr", Role.ACTIVE);
                second.awaitRole("vr", Role.STANDBY);
                assertThat(second.has(ADDRESS)).isFalse();

                // By hand, and it stays so; clients do not notice.
                try (Silence silence = new Silence(client, ADDRESS)) {
                    assertThat(first.failover().handOver()).isTrue();
                    second.awaitRole("vr", Role.ACTIVE);
                    Thread.sleep(100);
                    System.out.println("VRRP hand-over: silence of " + silence.millis() + " ms");
                    assertThat(silence.millis()).isLessThan(SILENCE_MILLIS);
                }
                assertThat(first.role("vr")).isEqualTo(Role.STANDBY);
                assertThat(first.failover().handOver()).isFalse();
                Thread.sleep(8 * MILLIS);
                assertThat(first.role("vr")).isEqualTo(Role.STANDBY);

                first.failover().setMaintenance(true);
                assertThat(second.failover().handOver()).isFalse();
                assertThat(second.role("vr")).isEqualTo(Role.ACTIVE);
                assertThat(first.status("vr").detail()).contains("maintenance");
                first.failover().setMaintenance(false);

                // A clean stop: the other has the address before this one has lost it.
                try (Silence silence = new Silence(client, ADDRESS)) {
                    second.failover().close();
                    first.awaitRole("vr", Role.ACTIVE);
                    assertThat(first.has(ADDRESS)).isTrue();
                    Thread.sleep(100);
                    System.out.println("VRRP clean stop: silence of " + silence.millis() + " ms");
                    assertThat(silence.millis()).isLessThan(SILENCE_MILLIS);
                }
            }
            assertThat(TestRouter.has(one, ADDRESS)).isFalse();
        }
    }

    @Test
    void healsASplitAndFollowsAnInterfaceThatIsMadeAnew() throws Exception {
        try (RouterLan lan = new RouterLan()) {
            NetworkNamespace one = lan.add("first");
            NetworkNamespace client = lan.add("client");
            try (TestRouter first = new TestRouter(one);
                    TestRouter second = new TestRouter(lan.add("second"))) {
                List<SyncGroupConfig> both =
                        List.of(new SyncGroupConfig("both", List.of("vr", "six")));
                first.configure(both, instance(150), six(150));
                second.configure(both, instance(100), six(100));
                first.awaitRole("both", Role.ACTIVE);
                TestRouter.await("on", () -> first.has("fd09::100"));
                lan.cut("second");
                second.awaitRole("both", Role.ACTIVE);
                assertThat(first.role("both")).isEqualTo(Role.ACTIVE);
                ask(client);
                lan.plug("second");
                TestRouter.await(
                        "one active",
                        () ->
                                (first.role("both") == Role.ACTIVE)
                                        != (second.role("both") == Role.ACTIVE));
                TestRouter.await(
                        "resolved",
                        () ->
                                first.states("vr").contains("resolved")
                                        || second.states("vr").contains("resolved")
                                        || first.states("six").contains("resolved")
                                        || second.states("six").contains("resolved"));
                Thread.sleep(6 * MILLIS);
                assertThat(first.role("both") == Role.ACTIVE)
                        .isNotEqualTo(second.role("both") == Role.ACTIVE);

                lan.configure(one, "link del eth0");
                TestRouter.await("gone", () -> first.role("both") == Role.FAULT);
                assertThat(first.status("vr").detail()).contains("eth0 does not exist");
                second.awaitRole("both", Role.ACTIVE);
                lan.connect(one, "first", 1);
                first.awaitRole("both", Role.ACTIVE);
                assertThat(first.has("fd09::100")).isTrue();
                second.awaitRole("both", Role.STANDBY);
            }
        }
    }
}
