package io.weir.control.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.FloatingAddress;
import io.weir.control.event.Event;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.netlink.AddressTable;
import io.weir.dataplane.net.netlink.HostAddress;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.Sockets;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/** Two routers and a client on one segment. */
final class NetlinkAddressHolderIT {
    private static final String V4 = "10.5.0.100";
    private static final String V6 = "fd05::100";
    private static final AnnouncementConfig QUICK = AnnouncementConfig.DEFAULT;
    private static final List<FloatingAddress> ADDRESSES =
            List.of(
                    new FloatingAddress(IpAddress.parse(V4), 24, "front", "front:1"),
                    new FloatingAddress(IpAddress.parse(V6), 64, "front", null));

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private NamespaceLab lab;
    private NetworkNamespace client;
    private NetworkNamespace one;
    private NetworkNamespace two;

    @BeforeEach
    void build() {
        lab = new NamespaceLab();
        NetworkNamespace segment = lab.namespace("segment");
        client = lab.namespace("client");
        one = lab.namespace("one");
        two = lab.namespace("two");
        ip(segment, "link add bridge type bridge");
        ip(segment, "link set bridge up");
        int host = 1;
        for (NetworkNamespace end : List.of(client, one, two)) {
            String port = "port" + host;
            lab.join(segment, port, end, "front");
            ip(segment, "link set " + port + " master bridge");
            ip(end, "addr add 10.5.0." + host + "/24 dev front");
            ip(end, "addr add fd05::" + host + "/64 dev front nodad");
            host++;
        }
    }

    @AfterEach
    void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    private static String ip(NetworkNamespace namespace, String command) {
        List<String> line = new ArrayList<>(List.of("ip", "-n", namespace.toString()));
        line.addAll(List.of(command.split(" ")));
        return NamespaceLab.run(line.toArray(String[]::new));
    }

    private static String mac(NetworkNamespace namespace) {
        String shown = ip(namespace, "link show front");
        int start = shown.indexOf("link/ether ") + "link/ether ".length();
        return shown.substring(start, start + "00:00:00:00:00:00".length());
    }

    /** Makes the client ask for the address's owner. */
    private void ask(String address) throws IOException {
        client.call(
                () -> {
                    try (DatagramSocket socket = new DatagramSocket()) {
                        InetAddress to = InetAddress.getByName(address);
                        socket.send(new DatagramPacket(new byte[1], 1, to, 9));
                    }
                    return null;
                });
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.call() && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        assertThat(condition.call()).as(what).isTrue();
    }

    private void note(Event event) {
        if (!event.subject().isEmpty()) {
            events.add(event.subject().getFirst() + " " + event.state());
        }
    }

    private NetlinkAddressHolder open(NetworkNamespace namespace) throws IOException {
        return namespace.call(() -> NetlinkAddressHolder.open(this::note));
    }

    private void assertClientUses(NetworkNamespace router) throws Exception {
        for (String address : List.of(V4, V6)) {
            await(
                    address + " is at the router",
                    () -> ip(client, "neigh show " + address).contains(mac(router)));
        }
    }

    @Test
    void clientFollowsTheAddressesFromOneRouterToTheOther() throws Exception {
        try (NetlinkAddressHolder first = open(one);
                NetlinkAddressHolder second = open(two)) {
            first.hold(ADDRESSES, QUICK);
            ask(V4);
            ask(V6);
            assertClientUses(one);
            first.release(ADDRESSES);
            assertThat(ip(one, "addr show front")).doesNotContain(V4).doesNotContain(V6);
            second.hold(ADDRESSES, QUICK);
            assertClientUses(two); // by the announcement alone: nobody has asked
        }
        assertThat(ip(two, "addr show front")).as("after close").doesNotContain(V4);
    }

    @Test
    void linkThatWasAwayIsToldAgainAndKeepsItsAddresses() throws Exception {
        try (NetlinkAddressHolder holder = open(one)) {
            holder.hold(ADDRESSES, QUICK);
            ip(one, "link set front down"); // and with it goes every IPv6 address
            ip(client, "neigh replace " + V4 + " lladdr 02:00:00:00:00:01 nud stale dev front");
            ip(client, "neigh replace " + V6 + " lladdr 02:00:00:00:00:01 nud stale dev front");
            ip(one, "link set front up");
            assertClientUses(one);
            await("IPv6 address", () -> ip(one, "addr show front").contains(V6));
        }
    }

    @Test
    void missingInterfaceGetsItsAddressesWhenItComes() throws Exception {
        ip(one, "link set front down");
        ip(one, "link set front name other");
        try (NetlinkAddressHolder holder = open(one)) {
            holder.hold(ADDRESSES, QUICK);
            assertThat(events).contains(V4 + " missing", V6 + " missing");
            ip(one, "link set other name front");
            ip(one, "link set front up");
            await("events", () -> events.containsAll(List.of(V4 + " on", V6 + " on")));
            ask(V4);
            ask(V6);
            assertClientUses(one);
        }
    }

    @Test
    void addressesOfAKilledProcessDisappearByThemselvesOrWithItsSuccessor() throws Exception {
        String hosts = "10.5.0.77";
        ip(one, "addr add " + hosts + "/24 dev front");
        // By the guard, before the lease is over; unless the machine stood still meanwhile.
        long millis = millisToLoseAddressesOfAKilled();
        for (int i = 0; i < 2 && millis >= 2400; i++) {
            millis = millisToLoseAddressesOfAKilled();
        }
        assertThat(millis).isLessThan(2400);

        Process again = startHolder();
        await("addresses", () -> ip(one, "addr show front").contains(V6));
        NamespaceLab.run("kill", "-STOP", Long.toString(again.pid()));
        long start = System.nanoTime();
        await("addresses of the stopped", () -> !ip(one, "addr show front").contains(V6));
        millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        System.out.println("those of the stopped one were gone after " + millis + " ms");
        again.destroyForcibly().waitFor();
        one.call(this::leaveBehind);
        try (NetlinkAddressHolder successor = open(one)) {
            assertThat(ip(one, "addr show front"))
                    .doesNotContain(V4)
                    .doesNotContain(V6)
                    .contains(hosts);
            successor.release(ADDRESSES);
        }
    }

    private long millisToLoseAddressesOfAKilled() throws Exception {
        Process holder = startHolder();
        await("addresses", () -> ip(one, "addr show front").contains(V6));
        assertThat(ip(one, "addr show front")).contains(V4);
        long start = System.nanoTime();
        holder.destroyForcibly().waitFor();
        await("IPv4 address gone", () -> !ip(one, "addr show front").contains(V4));
        await("IPv6 address gone", () -> !ip(one, "addr show front").contains(V6));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        System.out.println("addresses of the killed process were gone after " + millis + " ms");
        return millis;
    }

    private boolean leaveBehind() throws IOException {
        int index = Sockets.interfaceIndex("front", "test");
        try (AddressTable table = AddressTable.open()) {
            return table.add(new HostAddress(index, IpAddress.parse(V4), 24, null), 60);
        }
    }

    private Process startHolder() throws IOException {
        return new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        one.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holding.class.getName())
                .inheritIO()
                .start();
    }

    /** A process that holds the addresses until it is killed. */
    static final class Holding {
        private Holding() {}

        public static void main(String[] arguments) throws Exception {
            NetlinkAddressHolder holder = NetlinkAddressHolder.open(event -> {});
            holder.hold(ADDRESSES, QUICK);
            Thread.sleep(TimeUnit.MINUTES.toMillis(5));
        }
    }
}
