package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.DaemonProcess;
import io.weir.control.lab.Namespaces;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A pair by lvs.cf, NAT: a connection that is never still lives on when the router is killed. */
@Isolated
final class KilledRouterIT {
    private static final String CONFIGURATION =
            """
            serial_no = 1
            service = lvs
            network = nat
            primary = 10.0.0.11
            primary_private = 10.1.0.11
            backup_active = 1
            backup = 10.0.0.12
            backup_private = 10.1.0.12
            heartbeat = 1
            keepalive = 1
            deadtime = 2
            nat_router = 10.1.0.254 back:1
            nat_nmask = 255.255.255.0
            syncdaemon = 1
            syncd_iface = sync
            virtual echo {
                active = 1
                address = 10.0.0.100 front:1
                vip_nmask = 255.255.255.0
                port = 8080
                scheduler = rr
                timeout = 2
                reentry = 2
                server one {
                    address = 10.1.0.2
                    active = 1
                    weight = 1
                }
            }
            """;

    private static final int PATIENCE_MILLIS = 15_000;

    /** Who waited that long has waited for the other router. */
    private static final int TAKEN_OVER_MILLIS = 1000;

    @TempDir private Path directory;

    private static boolean hasAddress(RouterPair pair, int director) throws Exception {
        return Namespaces.run(List.of("ip", "-n", pair.director(director).toString(), "addr"), "")
                .contains(RouterPair.VIRTUAL + "/");
    }

    private static void await(String what, RouterPair pair, int director, boolean on)
            throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (hasAddress(pair, director) != on && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        assertThat(hasAddress(pair, director)).as(what).isEqualTo(on);
    }

    // The kernel's socket is made when it connects, and must be the client's.
    private static Socket connect() throws IOException {
        Socket connection = new Socket();
        connection.connect(new InetSocketAddress(RouterPair.VIRTUAL, 8080), PATIENCE_MILLIS);
        return connection;
    }

    /** Sends a number and waits for it to come back, for some time; the longest wait in ms. */
    private static long talk(Socket connection, long millis) throws Exception {
        DataOutputStream out = new DataOutputStream(connection.getOutputStream());
        DataInputStream in = new DataInputStream(connection.getInputStream());
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long longest = 0;
        for (int i = 0; System.nanoTime() < end; i++) {
            long start = System.nanoTime();
            out.writeInt(i);
            assertThat(in.readInt()).isEqualTo(i);
            longest = Math.max(longest, System.nanoTime() - start);
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    @Test
    void connectionOutlivesItsRouter() throws Exception {
        Path file = Files.writeString(directory.resolve("lvs.cf"), CONFIGURATION);
        Path settings =
                Files.writeString(
                        directory.resolve("sysctl"), "net.ipv4.vs.sync_threshold = 3 50\n");
        try (RouterPair pair = new RouterPair();
                EchoServer _ = EchoServer.start(pair.server(), 8080);
                DaemonProcess first = pair.startRouter(0, file, settings);
                DaemonProcess second = pair.startRouter(1, file, settings)) {
            await("the primary is active", pair, 0, true);
            assertThat(hasAddress(pair, 1)).isFalse();
            try (Socket connection = pair.client().call(KilledRouterIT::connect)) {
                connection.setTcpNoDelay(true);
                connection.setSoTimeout(PATIENCE_MILLIS);
                talk(connection, 2500);
                report(killDuring(connection, first));
                await("the backup is active", pair, 1, true);
                await("the dead one's address is gone", pair, 0, false);
                // Its guard still keeps the host from the packets of the first life.
                try (DaemonProcess again = pair.startRouter(0, file, settings)) {
                    // The second has answered a question of the first life, and rests for five
                    // seconds before it tells anybody of all connections again.
                    talk(connection, 6000);
                    assertThat(hasAddress(pair, 0)).isFalse();
                    report(killDuring(connection, second));
                    await("the primary is active again", pair, 0, true);
                    try (DaemonProcess other = pair.startRouter(1, file, settings)) {
                        talk(connection, 2500);
                        long gap = endDuring(connection, again.process()::destroy);
                        System.out.println("clean stop: " + gap + " ms of silence");
                        await("the backup is active again", pair, 1, true);
                        assertThat(other.process().isAlive()).isTrue();
                    }
                }
            }
        }
    }

    private static long killDuring(Socket connection, DaemonProcess router) throws Exception {
        return endDuring(connection, router.process()::destroyForcibly);
    }

    private static long endDuring(Socket connection, Runnable end) throws Exception {
        Thread ending = Thread.ofPlatform().start(end);
        long gap = 0;
        for (int i = 0; i < 12 && gap < TAKEN_OVER_MILLIS; i++) {
            gap = Math.max(gap, talk(connection, 500));
        }
        gap = Math.max(gap, talk(connection, 500));
        ending.join();
        return gap;
    }

    private static void report(long gap) {
        System.out.println("kill -9 of the active router: " + gap + " ms of silence");
    }
}
