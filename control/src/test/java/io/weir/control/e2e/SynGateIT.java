package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabNetwork;
import io.weir.dataplane.io.afpacket.AfPacketPort;
import io.weir.dataplane.io.afpacket.RingSize;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.offload.SynCredit;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.NetworkInterface;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * While the worker stands still, the kernel lets so many SYNs wait for it and refuses the others,
 * which are counted. Those that waited begin connections, and so do new clients.
 */
final class SynGateIT {
    private static final int PORT = 8000;
    private static final int SYNS = 4000;

    /** What else may be waiting, and what the worker has just taken. */
    private static final int OTHERS = 100;

    private static final String CLIENT_MAC = "02:00:00:00:00:07";
    private static final Pattern REFUSED = Pattern.compile("syn-backlog +(\\d+)");

    @ParameterizedTest(name = "by {0}")
    @ValueSource(strings = {"afpacket", "afxdp"})
    void refusesWhatWouldWaitForTooLong(String io) throws Exception {
        try (Site site = new Site("lo", 1)) {
            site.with(LineServer.start(site.network().server(0), "server", PORT));
            site.network().serveByNat();
            DaemonProcess daemon = site.startDaemonWith(List.of("--io", io));
            String service = "-t " + LabNetwork.VIRTUAL + ":" + PORT;
            site.rules(
                    "-A " + service + " -s rr",
                    "-a " + service + " -r " + LabNetwork.serverAddress(0) + ":" + PORT + " -m");
            assertThat(LineServer.ask(site.client(), LabNetwork.VIRTUAL, PORT)).isNotEmpty();
            assertThat(daemon.weir("counters")).contains("no packet was dropped");

            long pid = daemon.process().pid();
            NamespaceLab.run("kill", "-STOP", Long.toString(pid));
            try {
                sendSyns(site.client(), macOf(site.director()));
            } finally {
                NamespaceLab.run("kill", "-CONT", Long.toString(pid));
            }

            assertThat(LineServer.ask(site.client(), LabNetwork.VIRTUAL, PORT)).isNotEmpty();
            Matcher refused = REFUSED.matcher(daemon.weir("counters"));
            assertThat(refused.find()).isTrue();
            int most = SynCredit.MOST_WAITING;
            assertThat(Integer.parseInt(refused.group(1))).isBetween(1, SYNS - most + OTHERS);
            String listing = daemon.ipvsadm(List.of("-Lnc"), "");
            assertThat(listing.lines().filter(line -> line.contains("SYN_RECV")).count())
                    .as("connections that have begun")
                    .isBetween(1L, (long) most + OTHERS);
        }
    }

    private static String macOf(NetworkNamespace director) throws Exception {
        byte[] mac = director.call(() -> NetworkInterface.getByName("front").getHardwareAddress());
        return HexFormat.ofDelimiter(":").formatHex(mac);
    }

    // From an address without a way back: nobody answers what the server says.
    private static void sendSyns(NetworkNamespace client, String directorMac) throws Exception {
        try (AfPacketPort port =
                        client.call(
                                () ->
                                        AfPacketPort.open(
                                                "front",
                                                AfPacketPort.EVERY_FRAME,
                                                new RingSize(128, 2048)));
                NativeBlock frame = new NativeBlock(2048)) {
            for (int i = 0; i < SYNS; i++) {
                byte[] syn =
                        Frames.tcp()
                                .from("198.51.100.7", 10_000 + i)
                                .to(LabNetwork.VIRTUAL, PORT)
                                .syn()
                                .macs(CLIENT_MAC, directorMac)
                                .bytes();
                Memory.copyIn(syn, 0, frame.address(), syn.length);
                assertThat(port.transmit(frame.address(), syn.length, 0)).isTrue();
                port.flush();
            }
        }
    }
}
