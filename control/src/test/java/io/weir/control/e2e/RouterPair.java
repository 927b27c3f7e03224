package io.weir.control.e2e;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.LabException;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * A client and a real server with two directors between them, which have a link of their own; the
 * virtual address and the server's gateway are with one director or the other.
 */
final class RouterPair implements AutoCloseable {
    static final String VIRTUAL = "10.0.0.100";
    static final String SERVER = "10.1.0.2";
    static final String SYNC_LINK = "sync";
    private static final String GATEWAY = "10.1.0.254";

    private final Namespaces namespaces;
    private final NetworkNamespace switches;
    private final NetworkNamespace client;
    private final NetworkNamespace server;
    private final NetworkNamespace[] directors = new NetworkNamespace[2];

    /** Builds the network; skips the test where that is impossible. */
    RouterPair() throws LabException {
        Site.assumeNamespaces();
        namespaces = Namespaces.open(Site.KIND);
        switches = namespaces.add("switch");
        namespaces.configure(
                switches,
                "link add front type bridge",
                "link add back type bridge",
                "link set front up",
                "link set back up");
        client = namespaces.add("client");
        plug(client, "eth0", "front", "client", "10.0.0.2/24");
        server = namespaces.add("server");
        plug(server, "eth0", "back", "server", SERVER + "/24");
        namespaces.configure(server, "route add default via " + GATEWAY);
        for (int i = 0; i < directors.length; i++) {
            directors[i] = namespaces.add("director" + i);
            plug(directors[i], "front", "front", "f" + i, "10.0.0.1" + (i + 1) + "/24");
            plug(directors[i], "back", "back", "b" + i, "10.1.0.1" + (i + 1) + "/24");
            namespaces.sysctl(directors[i], "ipv4/ip_forward", 1);
        }
        namespaces.veth(directors[0], SYNC_LINK, directors[1], SYNC_LINK);
        for (int i = 0; i < directors.length; i++) {
            namespaces.configure(
                    directors[i],
                    "addr add 10.9.0." + (i + 1) + "/24 dev " + SYNC_LINK,
                    "link set " + SYNC_LINK + " up");
        }
    }

    private void plug(
            NetworkNamespace host, String link, String bridge, String port, String address)
            throws LabException {
        namespaces.veth(host, link, switches, port);
        namespaces.configure(
                host, "addr add " + address + " dev " + link, "link set " + link + " up");
        namespaces.configure(switches, "link set " + port + " master " + bridge + " up");
    }

    NetworkNamespace client() {
        return client;
    }

    NetworkNamespace server() {
        return server;
    }

    /** Starts weir run on a director, by an lvs.cf and with settings. */
    DaemonProcess startRouter(int director, Path configuration, Path settings) throws LabException {
        return DaemonProcess.start(
                directors[director],
                List.of("--config", configuration.toString(), "--sysctl", settings.toString()));
    }

    NetworkNamespace director(int index) {
        return directors[index];
    }

    /** Starts weir run on a director, with settings and a service on the virtual address. */
    DaemonProcess startDaemon(int director, Path settings) throws LabException {
        DaemonProcess daemon =
                DaemonProcess.start(directors[director], List.of("--sysctl", settings.toString()));
        daemon.ipvsadm(
                List.of("-R"),
                "-A -t "
                        + VIRTUAL
                        + ":80 -s rr\n-a -t "
                        + VIRTUAL
                        + ":80 -r "
                        + SERVER
                        + ":8080 -m\n");
        return daemon;
    }

    /** Gives the addresses that clients and servers know to a director, and to no other. */
    void activate(int director) throws LabException, IOException {
        for (int i = 0; i < directors.length; i++) {
            String verb = i == director ? "replace" : "del";
            if (i == director || has(i)) {
                namespaces.configure(
                        directors[i],
                        "addr " + verb + " " + VIRTUAL + "/32 dev front",
                        "addr " + verb + " " + GATEWAY + "/32 dev back");
            }
        }
        tell(client, VIRTUAL, mac(director, "front"));
        tell(server, GATEWAY, mac(director, "back"));
    }

    /** Takes a director's cables out of the switches, but for the one to the other director. */
    void cut(int director) throws LabException {
        namespaces.configure(
                switches, "link set f" + director + " down", "link set b" + director + " down");
    }

    private boolean has(int director) throws LabException {
        return Namespaces.run(List.of("ip", "-n", directors[director].toString(), "addr"), "")
                .contains(VIRTUAL);
    }

    private String mac(int director, String link) throws IOException {
        byte[] mac =
                directors[director].call(
                        () -> NetworkInterface.getByName(link).getHardwareAddress());
        return HexFormat.ofDelimiter(":").formatHex(mac);
    }

    private void tell(NetworkNamespace host, String address, String mac) throws LabException {
        namespaces.configure(
                host, "neigh replace " + address + " lladdr " + mac + " dev eth0 nud reachable");
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
