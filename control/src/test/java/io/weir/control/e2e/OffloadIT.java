package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Established flows are forwarded inside the kernel, and nothing else is different by that. */
final class OffloadIT {
    private static final int BULK = 9000;
    private static final int ECHO = 9001;
    private static final int DATAGRAMS = 5300;
    private static final int WAIT_MILLIS = 20_000;
    private static final long BYTES = 100_000_000;
    private static final Pattern FORWARDED = Pattern.compile("(\\d+) packets forwarded");
    private static final Pattern IN_JSON =
            Pattern.compile("\"offloaded\":\\{[^}]*\"packets\":(\\d+)");

    private static Site site(String... options) throws Exception {
        Site site = new Site("lo", 1);
        site.with(BulkServer.start(site.network().server(0), BULK));
        site.with(EchoServer.start(site.network().server(0), ECHO));
        site.network().serveByNat();
        site.startDaemonWith(List.of(options));
        site.rules(
                "-A -t " + service(BULK) + " -s rr",
                "-a -t " + service(BULK) + " -r " + server(BULK) + " -m",
                "-A -t " + service(ECHO) + " -s rr",
                "-a -t " + service(ECHO) + " -r " + server(ECHO) + " -m");
        return site;
    }

    private static String service(int port) {
        return LabNetwork.VIRTUAL + ":" + port;
    }

    private static String server(int port) {
        return LabNetwork.serverAddress(0) + ":" + port;
    }

    private static long move(Site site, boolean upload, long bytes) throws Exception {
        return site.client().call(() -> BulkServer.move(LabNetwork.VIRTUAL, BULK, upload, bytes));
    }

    // What the kernel has forwarded is told of four times a second.
    private static long forwarded(Site site) throws Exception {
        Thread.sleep(400);
        return number(FORWARDED, site.daemon().weir("status"));
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** Packets in and out of a service: after its connections. */
    private static long[] packets(Site site, String service) throws Exception {
        String listing = site.daemon().ipvsadm(List.of("-L", "-n", "--stats", "--exact"), "");
        for (String line : listing.split("\n", -1)) {
            if (line.contains(service)) {
                String[] words = line.strip().split("\\s+", -1);
                return new long[] {Long.parseLong(words[3]), Long.parseLong(words[4])};
            }
        }
        throw new AssertionError(service + " is not in " + listing);
    }

    @Test
    void streamsArriveUnharmedAndMostOfThemPassInTheKernel() throws Exception {
        try (Site site = site()) {
            assertThat(move(site, false, BYTES)).isEqualTo(BYTES);
            assertThat(move(site, true, BYTES)).isEqualTo(BYTES);
            long byNat = forwarded(site);
            long[] counted = packets(site, service(BULK));
            assertThat(byNat).isGreaterThan((counted[0] + counted[1]) / 2);
            assertThat(byNat).isLessThan(counted[0] + counted[1]);

            site.network().serveDirectly();
            site.rules("-e -t " + service(BULK) + " -r " + server(BULK) + " -g");
            assertThat(move(site, true, BYTES)).isEqualTo(BYTES);
            long byRoute = forwarded(site) - byNat;
            long in = packets(site, service(BULK))[0] - counted[0];
            assertThat(byRoute).isBetween(in / 2, in);
            long json =
                    number(IN_JSON, site.daemon().weir("status", "--json").replaceAll("\\s", ""));
            assertThat(json).isEqualTo(byNat + byRoute);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    @Test
    void datagramsAreCountedToTheLast() throws Exception {
        try (Site site = site();
                DatagramServer _ =
                        DatagramServer.start(
                                site.network().server(0),
                                "server",
                                LabNetwork.serverAddress(0),
                                DATAGRAMS)) {
            site.rules(
                    "-A -u " + service(DATAGRAMS) + " -s rr",
                    "-a -u " + service(DATAGRAMS) + " -r " + server(DATAGRAMS) + " -m");
            int count = 2000;
            assertThat(exchange(site, LabNetwork.VIRTUAL, count)).isEqualTo(count);
            assertThat(packets(site, service(DATAGRAMS))).containsExactly(count, count);
            assertThat(packets(site, server(DATAGRAMS))).containsExactly(count, count);
            assertThat(forwarded(site)).isBetween(2L * count * 9 / 10, 2L * count);
        }
    }

    @Test
    void whatIsOverIpv6PassesInTheKernelToo() throws Exception {
        try (Site site = site()) {
            long datagrams = moveDatagramsOverIpv6(site);
            String service = "[" + LabNetwork.VIRTUAL_6 + "]:" + BULK;
            String server = "[" + LabNetwork.serverAddress6(0) + "]:" + BULK;
            site.rules("-A -t " + service + " -s rr", "-a -t " + service + " -r " + server + " -m");
            long bytes = BYTES / 4;
            assertThat(moveOverIpv6(site, false, bytes)).isEqualTo(bytes);
            assertThat(moveOverIpv6(site, true, bytes)).isEqualTo(bytes);
            long byNat = forwarded(site) - datagrams;
            long[] counted = packets(site, service);
            assertThat(byNat).isBetween((counted[0] + counted[1]) / 2, counted[0] + counted[1]);

            site.network().serveDirectly();
            site.rules("-e -t " + service + " -r " + server + " -g");
            assertThat(moveOverIpv6(site, true, bytes)).isEqualTo(bytes);
            long byRoute = forwarded(site) - datagrams - byNat;
            long in = packets(site, service)[0] - counted[0];
            assertThat(byRoute).isBetween(in / 2, in);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    /** Returns how many packets of them the kernel has forwarded. */
    private static long moveDatagramsOverIpv6(Site site) throws Exception {
        String service = "[" + LabNetwork.VIRTUAL_6 + "]:" + DATAGRAMS;
        String address = LabNetwork.serverAddress6(0);
        site.rules(
                "-A -u " + service + " -s rr",
                "-a -u " + service + " -r [" + address + "]:" + DATAGRAMS + " -m");
        int count = 1000;
        try (DatagramServer _ =
                DatagramServer.start(site.network().server(0), "server", address, DATAGRAMS)) {
            assertThat(exchange(site, LabNetwork.VIRTUAL_6, count)).isEqualTo(count);
        }
        assertThat(packets(site, service)).containsExactly(count, count);
        long forwarded = forwarded(site);
        assertThat(forwarded).isBetween(2L * count * 9 / 10, 2L * count);
        return forwarded;
    }

    private static long moveOverIpv6(Site site, boolean upload, long bytes) throws Exception {
        return site.client().call(() -> BulkServer.move(LabNetwork.VIRTUAL_6, BULK, upload, bytes));
    }

    private static int exchange(Site site, String virtual, int count) throws Exception {
        return site.client().call(() -> exchange(virtual, count));
    }

    private static int exchange(String virtual, int count) throws IOException {
        int answers = 0;
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(WAIT_MILLIS);
            socket.connect(new InetSocketAddress(virtual, DATAGRAMS));
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            for (; answers < count; answers++) {
                packet.setLength(64);
                socket.send(packet);
                packet.setLength(100);
                socket.receive(packet);
            }
        }
        return answers;
    }

    private static Socket connect(Site site) throws Exception {
        return site.client()
                .call(
                        () -> {
                            Socket socket = new Socket();
                            socket.setTcpNoDelay(true);
                            socket.setSoTimeout(WAIT_MILLIS);
                            socket.connect(
                                    new InetSocketAddress(LabNetwork.VIRTUAL, ECHO), WAIT_MILLIS);
                            return socket;
                        });
    }

    private static void echo(Socket socket, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            socket.getOutputStream().write(i & 0xff);
            assertThat(socket.getInputStream().read()).isEqualTo(i & 0xff);
        }
    }

    private static String connections(Site site) throws Exception {
        return site.daemon().ipvsadm(List.of("-Lnc"), "");
    }

    @Test
    void aConnectionLivesEndsAndIsCutOffAsEver() throws Exception {
        try (Site site = site()) {
            site.daemon().ipvsadm(List.of("--set", "4", "60", "300"), "");
            try (Socket socket = connect(site)) {
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
                while (System.nanoTime() < end) {
                    echo(socket, 20);
                    Thread.sleep(100);
                }
                assertThat(connections(site)).contains("ESTABLISHED");
                echo(socket, 1);
                socket.shutdownOutput();
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
                assertThat(connections(site)).doesNotContain("ESTABLISHED");
            }
            assertThat(forwarded(site)).isGreaterThan(500);

            site.daemon().weir("sysctl", "-w", "net.ipv4.vs.expire_nodest_conn=1");
            try (Socket socket = connect(site)) {
                echo(socket, 100);
                site.daemon().ipvsadm(List.of("-d", "-t", service(ECHO), "-r", server(ECHO)), "");
                long before = forwarded(site);
                socket.setSoTimeout(1000);
                assertThatThrownBy(() -> echo(socket, 1)).isInstanceOf(IOException.class);
                assertThat(forwarded(site)).isEqualTo(before);
            }
        }
    }

    @Test
    void nothingPassesInTheKernelIfItMayNot() throws Exception {
        try (Site site = site("--no-offload")) {
            assertThat(move(site, true, 20_000_000)).isEqualTo(20_000_000);
            assertThat(site.daemon().weir("status")).doesNotContain("in the kernel");
            assertThat(site.daemon().weir("status", "--json")).doesNotContain("offloaded");
        }
    }

    @Test
    void aKilledDaemonLeavesNothingBehind() throws Exception {
        try (Site site = site();
                Socket socket = connect(site)) {
            echo(socket, 100);
            assertThat(forwarded(site)).isGreaterThan(100);
            DaemonProcess daemon = site.daemon();
            daemon.process().destroyForcibly();
            assertThat(daemon.process().waitFor(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            socket.setSoTimeout(1000);
            // The host has no such socket and says so.
            assertThatThrownBy(() -> echo(socket, 2)).isInstanceOf(IOException.class);
            String links =
                    Namespaces.run(
                            Namespaces.inside(
                                    site.director(), List.of("ip", "-details", "link", "show")),
                            "");
            assertThat(links).contains("front").doesNotContain("prog/");
        }
    }

    /** Sends full segments and takes them back, with a change in the middle. */
    private static void survives(Site site, String... change) throws Exception {
        byte[] chunk = new byte[64 << 10];
        new SplittableRandom(20261126).nextBytes(chunk);
        try (Socket socket = connect(site)) {
            socket.setSoTimeout(WAIT_MILLIS);
            for (int round = 0; round < 400; round++) {
                if (round == 200) {
                    for (String command : change) {
                        Namespaces.run(List.of(command.split(" ")), "");
                    }
                }
                socket.getOutputStream().write(chunk);
                byte[] back = socket.getInputStream().readNBytes(chunk.length);
                assertThat(Arrays.equals(back, chunk)).as("round %d", round).isTrue();
            }
        }
        // More than before the change.
        long[] packets = packets(site, service(ECHO));
        assertThat(forwarded(site)).isGreaterThan((packets[0] + packets[1]) * 3 / 5);
    }

    @Test
    void aTransferFollowsAServersNewEthernetAddress() throws Exception {
        try (Site site = site()) {
            NetworkNamespace server = site.network().server(0);
            site.network().namespaces().sysctl(server, "ipv4/conf/back/arp_notify", 1);
            survives(site, "ip -n " + server + " link set back address 02:00:5e:00:53:77");
        }
    }

    @Test
    void aTransferFollowsASmallerMtu() throws Exception {
        try (Site site = site()) {
            survives(site, "ip -n " + site.director() + " link set back mtu 1200");
        }
    }
}
