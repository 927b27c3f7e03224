package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.Sockets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What works by packet sockets works by AF_XDP, too, with senders' offloads as they are. */
final class AfXdpIT {
    private static final int STREAM = 9000;
    private static final int LINES = 8000;
    private static final int DATAGRAMS = 5300;
    private static final int WAIT_MILLIS = 20_000;
    private static final long BYTES = 30_000_000;
    private static final Pattern FORWARDED = Pattern.compile("(\\d+) packets forwarded");

    private static Site site(String io) throws Exception {
        Site site = new Site("lo", 1);
        site.with(BulkServer.start(site.network().server(0), STREAM));
        site.with(LineServer.start(site.network().server(0), "server", LINES));
        site.startDaemonWith(List.of("--io", io));
        site.network().serveByNat();
        return site;
    }

    private static void serve(Site site, String virtual, String method) throws Exception {
        String server = Site.bracketed(Site.server(virtual, 0));
        List<String> rules = new ArrayList<>();
        for (int port : new int[] {STREAM, LINES}) {
            String service = "-t " + Site.bracketed(virtual) + ":" + port;
            rules.add("-A " + service + " -s rr");
            rules.add("-a " + service + " -r " + server + ":" + port + " " + method);
        }
        String datagrams = "-u " + Site.bracketed(virtual) + ":" + DATAGRAMS;
        rules.add("-A " + datagrams + " -s rr");
        rules.add("-a " + datagrams + " -r " + server + ":" + DATAGRAMS + " " + method);
        site.rules(rules.toArray(String[]::new));
    }

    @ParameterizedTest(name = "{0} to {2}")
    @CsvSource({
        "afxdp,native,10.1.0.100", "afxdp,native,fd01::100",
        "afxdp-skb,skb,10.1.0.100", "afxdp-skb,skb,fd01::100"
    })
    void carriesStreamsShortConnectionsAndDatagrams(String io, String mode, String virtual)
            throws Exception {
        try (Site site = site(io)) {
            assertThat(site.daemon().readyLine()).contains("(af_xdp)");
            assertThat(site.daemon().weir("status"))
                    .contains("front (af_xdp): " + mode + ", copy\n")
                    .contains("back (af_xdp): " + mode + ", copy\n");
            serve(site, virtual, "-m");
            assertMoves(site, virtual, false);
            assertMoves(site, virtual, true);
            for (int i = 0; i < 300; i++) {
                assertThat(LineServer.ask(site.client(), virtual, LINES)).startsWith("server ");
            }
            String server = Site.server(virtual, 0);
            try (DatagramServer _ =
                    DatagramServer.start(site.network().server(0), "server", server, DATAGRAMS)) {
                // The longest plain one, and fragments, which go by the packet socket.
                for (int bytes : new int[] {1, 60, 1400, 1900, 30_000}) {
                    assertAnswered(site, virtual, 20_000 + bytes, "x".repeat(bytes));
                }
                if (mode.equals("native")) {
                    assertAnswersPassAtTheDriver(site, virtual);
                }
            }
            site.daemon().ipvsadm(List.of("-C"), "");
            site.network().serveDirectly();
            serve(site, virtual, "-g");
            assertMoves(site, virtual, true);
            assertThat(site.daemon().weir("counters")).contains("no packet was dropped");
        }
    }

    /**
     * What goes to the client, as a card would have it: with a whole checksum, and on to somebody
     * who takes what a driver's program redirects. On the servers' side is a switch that does not.
     */
    private static void assertAnswersPassAtTheDriver(Site site, String virtual) throws Exception {
        offload(site.network().server(0), "back", "tx", "off");
        offload(site.client(), "front", "gro", "on");
        awaitAnswersAtTheDriver(site, virtual);
        long before = forwarded(site);
        assertMoves(site, virtual, false);
        long stream = forwarded(site) - before;
        assertThat(stream).as("of full segments, most").isGreaterThan(BYTES / 1500 / 2);
        for (int i = 0; i < 20; i++) {
            assertAnswered(site, virtual, 20_000, "x".repeat(100));
        }
        assertThat(forwarded(site) - before - stream).isBetween(10L, 20L);
    }

    // It is asked for twice a second whether an interface sends what a driver redirects there.
    private static void awaitAnswersAtTheDriver(Site site, String virtual) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        long before = forwarded(site);
        while (toldForwarded(site) == before) {
            assertThat(System.nanoTime()).as("answers pass at the driver").isLessThan(end);
            assertAnswered(site, virtual, 19_000, "hello");
            Thread.sleep(20);
        }
    }

    private static void offload(NetworkNamespace host, String link, String what, String to)
            throws Exception {
        List<String> command = List.of("ethtool", "-K", link, what, to);
        Namespaces.run(Namespaces.inside(host, command), "");
    }

    // What the kernel has forwarded is told of four times a second.
    private static long forwarded(Site site) throws Exception {
        Thread.sleep(400);
        return toldForwarded(site);
    }

    private static long toldForwarded(Site site) throws Exception {
        String status = ControlClient.of(site.daemon()).ask("GET", "/v1/status");
        Matcher matcher = FORWARDED.matcher(status);
        assertThat(matcher.find()).as(status).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static void assertMoves(Site site, String virtual, boolean upload) throws Exception {
        long right = site.client().call(() -> BulkServer.move(virtual, STREAM, upload, BYTES));
        assertThat(right).isEqualTo(BYTES);
    }

    private static void assertAnswered(Site site, String virtual, int fromPort, String text)
            throws Exception {
        InetSocketAddress service = new InetSocketAddress(virtual, DATAGRAMS);
        String answer =
                site.client().call(() -> DatagramServer.ask(fromPort, service, text, WAIT_MILLIS));
        assertThat(answer).isEqualTo("server " + text);
    }

    @Test
    void anInterfaceMayGoDownOrAwayAndReturn() throws Exception {
        try (Site site = site("afxdp")) {
            serve(site, LabNetwork.VIRTUAL, "-m");
            Namespaces namespaces = site.network().namespaces();
            NetworkNamespace director = site.director();
            assertAnswers(site);
            namespaces.configure(director, "link set front down");
            awaitStatus(site, "front (af_xdp): native, copy\n");
            namespaces.configure(director, "link set front up");
            assertAnswers(site);
            // More often than the memory for frames would last if it were lost with each.
            for (int i = 0; i < 5; i++) {
                namespaces.configure(director, "link del front");
                awaitStatus(site, "front (af_xdp) is gone\n");
                namespaces.veth(site.client(), "front", director, "front");
                namespaces.configure(
                        director, "addr add 10.1.0.1/24 dev front", "link set front up");
                namespaces.configure(
                        site.client(), "addr add 10.1.0.2/24 dev front", "link set front up");
                awaitStatus(site, "front (af_xdp): native, copy\n");
                assertAnswers(site);
            }
        }
    }

    private static void assertAnswers(Site site) throws Exception {
        assertThat(LineServer.ask(site.client(), LabNetwork.VIRTUAL, LINES)).startsWith("server ");
    }

    private static void awaitStatus(Site site, String line) throws Exception {
        ControlClient control = ControlClient.of(site.daemon());
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        String status = control.ask("GET", "/v1/status");
        while (!status.contains(line)) {
            assertThat(System.nanoTime()).as("%s in%n%s", line, status).isLessThan(end);
            Thread.sleep(20);
            status = control.ask("GET", "/v1/status");
        }
    }

    @Test
    void aKilledDaemonLeavesNoProgram() throws Exception {
        try (Site site = site("afxdp")) {
            assertThat(links(site)).contains("prog/xdp");
            DaemonProcess daemon = site.daemon();
            daemon.process().destroyForcibly();
            assertThat(daemon.process().waitFor(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(links(site)).doesNotContain("prog/xdp");
        }
    }

    private static String links(Site site) throws Exception {
        return Namespaces.run(
                Namespaces.inside(site.director(), List.of("ip", "-details", "link", "show")), "");
    }

    @Test
    void anotherProgramAtTheDriverIsRespected() throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.with(LineServer.start(site.network().server(0), "server", LINES));
            site.network().serveByNat();
            long pass = 0xb7L | 2L << 32; // r0 = XDP_PASS
            try (Descriptor program =
                            Bpf.loadProgram(Bpf.PROGRAM_XDP, new long[] {pass, 0x95}, "test");
                    Descriptor _ = attach(site, program)) {
                site.startDaemonWith(List.of("--io", "afxdp"));
                serve(site, LabNetwork.VIRTUAL, "-m");
                assertThat(site.daemon().readyLine()).contains("(af_packet)", "(af_xdp)");
                assertThat(site.daemon().weir("status"))
                        .contains("front (af_packet): cannot use AF_XDP on front: ")
                        .contains("another XDP program is attached")
                        .contains("back (af_xdp): native, copy");
                assertAnswers(site);
            }
        }
    }

    private static Descriptor attach(Site site, Descriptor program) throws Exception {
        return site.director()
                .call(
                        () -> {
                            int index = Sockets.interfaceIndex("front", "test");
                            int link = Bpf.createLink(program.number(), index, Bpf.ATTACH_XDP, 0);
                            assertThat(link).isNotNegative();
                            return new Descriptor(link);
                        });
    }
}
