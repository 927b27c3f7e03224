package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** What an operator does with a pair: status, failover, maintenance, reload, scripts. */
final class PairOperationsIT {
    private static final long PATIENCE_MILLIS = 20_000;
    private static final int PORT = 8080;

    @TempDir private Path directory;

    private Path configuration(int router, int weight) throws IOException {
        Path file = directory.resolve("lvs" + router + ".cf");
        Files.writeString(
                file,
                """
                serial_no = %d
                service = lvs
                network = nat
                primary = 10.0.0.11
                backup_active = 1
                backup = 10.0.0.12
                keepalive = 1
                deadtime = 5
                nat_router = 10.1.0.254 back:1
                nat_nmask = 255.255.255.0
                syncdaemon = 1
                syncd_iface = sync
                active_cmd = "%s active"
                inactive_cmd = "%s standby"
                virtual echo {
                    active = 1
                    address = 10.0.0.100 front:1
                    vip_nmask = 255.255.255.0
                    port = %d
                    scheduler = rr
                    timeout = 2
                    reentry = 2
                    server one {
                        address = %s
                        active = 1
                        weight = %d
                    }
                }
                """
                        .formatted(
                                weight,
                                script(router),
                                script(router),
                                PORT,
                                RouterPair.SERVER,
                                weight));
        return file;
    }

    private Path script(int router) throws IOException {
        Path script = directory.resolve("script" + router);
        Files.writeString(script, "#!/bin/sh\necho $1 >>" + script + ".log\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script;
    }

    private static String status(ControlClient router) throws IOException {
        return router.ask("GET", "/v1/status");
    }

    private static void await(ControlClient router, String... words) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        String status = status(router);
        while (!List.of(words).stream().allMatch(status::contains)) {
            assertThat(System.nanoTime()).as("%s in%n%s", List.of(words), status).isLessThan(end);
            Thread.sleep(50);
            status = status(router);
        }
    }

    private static void echo(Socket connection) throws IOException {
        byte[] sent = "still here\n".getBytes(StandardCharsets.US_ASCII);
        connection.getOutputStream().write(sent);
        assertThat(connection.getInputStream().readNBytes(sent.length)).isEqualTo(sent);
    }

    @Test
    void theRoleGoesToAndFroByCommandAndConnectionsGoOn() throws Exception {
        Path settings = Files.writeString(directory.resolve("settings"), "");
        try (RouterPair pair = new RouterPair();
                EchoServer _ = EchoServer.start(pair.server(), PORT);
                DaemonProcess one = pair.startRouter(0, configuration(0, 1), settings)) {
            ControlClient first = ControlClient.of(one);
            await(first, "role active", "synchronises as master on sync", "up        weight 1");
            assertThat(status(first)).contains("WARNING pair: the partner has never been heard");
            try (DaemonProcess two = pair.startRouter(1, configuration(1, 1), settings)) {
                ControlClient second = ControlClient.of(two);
                await(second, "role standby", "partner 10.0.0.11 heard", "synchronises as backup");
                await(second, "up        weight 1");
                await(first, "partner 10.0.0.12 heard");
                try (Socket connection = pair.client().call(PairOperationsIT::connect)) {
                    echo(connection);
                    awaitEntry(second, connection.getLocalPort());
                    assertThat(second.ask("POST", "/v1/failover")).contains("is not active");
                    assertThat(one.weir("failover")).contains("the partner takes over");
                    await(second, "role active", "synchronises as master");
                    await(first, "role standby", "synchronises as backup");
                    echo(connection);

                    assertThat(two.weir("maintenance", "on")).isEmpty();
                    await(first, "role active");
                    await(second, "maintenance");
                    echo(connection);

                    configuration(0, 7);
                    assertThat(first.ask("POST", "/v1/reload")).contains("serial number 7");
                    await(first, "role active", "up        weight 7 of 7");
                    echo(connection);
                }
                two.weir("maintenance", "off");
                await(second, "role standby");
            }
            assertThat(Files.readAllLines(directory.resolve("script0.log")))
                    .endsWith("active", "standby", "active");
            assertThat(Files.readAllLines(directory.resolve("script1.log")))
                    .startsWith("standby", "active", "standby");
        }
    }

    // The partner has to know of a connection that it is to take over.
    private static void awaitEntry(ControlClient router, int clientPort) throws Exception {
        String wanted = ":" + clientPort + " ";
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        String known = "";
        while (!known.contains(wanted)) {
            assertThat(System.nanoTime()).as(known).isLessThan(end);
            Thread.sleep(50);
            known = router.ask("POST", "/v1/ipvsadm?arg=-L&arg=-n&arg=-c");
        }
    }

    private static Socket connect() throws IOException {
        Socket connection = new Socket();
        connection.setSoTimeout(15_000);
        connection.connect(new InetSocketAddress(RouterPair.VIRTUAL, PORT), 15_000);
        return connection;
    }
}
