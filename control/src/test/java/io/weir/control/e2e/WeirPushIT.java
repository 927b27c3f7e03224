package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.config.PushConfig;
import io.weir.control.lab.DaemonProcess;
import io.weir.control.push.PushClient;
import io.weir.control.push.PushKeys;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** One router gives the other its lvs.cf, from daemon to daemon. */
final class WeirPushIT {
    private static final long PATIENCE_MILLIS = 20_000;
    private static final int PORT = 3637;

    @TempDir private Path directory;

    @BeforeEach
    void makeKeys() throws IOException {
        for (String name : new String[] {"first", "second", "stranger"}) {
            PushKeys.make(directory.resolve(name), name);
        }
        Files.writeString(
                directory.resolve("trusted.crt"), certificate("first") + certificate("second"));
    }

    private String certificate(String name) throws IOException {
        return Files.readString(directory.resolve(name).resolve(PushKeys.CERTIFICATE));
    }

    private Path file(int router) {
        return directory.resolve("lvs" + router + ".cf");
    }

    // What is pushed names the first router's key, which both can read here.
    private String text(String keys, int serial, boolean automatic) {
        Path own = directory.resolve(keys);
        return """
        serial_no = %d
        primary = 10.0.0.11
        backup_active = 1
        backup = 10.0.0.12
        keepalive = 1
        deadtime = 9
        push_certificate = %s
        push_key = %s
        push_trust = %s
        push_automatic = %d
        virtual echo {
            active = 1
            address = 10.0.0.100 front:1
            server one {
                address = %s
                active = 1
                weight = %d
                unchecked = 1
            }
        }
        """
                .formatted(
                        serial,
                        own.resolve(PushKeys.CERTIFICATE),
                        own.resolve(PushKeys.KEY),
                        directory.resolve("trusted.crt"),
                        automatic ? 1 : 0,
                        RouterPair.SERVER,
                        serial);
    }

    private void change(ControlClient router, int number, int serial, boolean automatic)
            throws IOException {
        Files.writeString(file(number), text("first", serial, automatic));
        assertThat(router.ask("POST", "/v1/reload")).contains("number " + serial + ", is in force");
    }

    private static void await(ControlClient router, String words) throws Exception {
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        String status = router.ask("GET", "/v1/status");
        while (!status.contains(words)) {
            assertThat(System.nanoTime()).as("%s in%n%s", words, status).isLessThan(end);
            Thread.sleep(50);
            status = router.ask("GET", "/v1/status");
        }
    }

    private Callable<PushClient.Answer> push(String keys, String text) {
        Path own = directory.resolve(keys);
        PushConfig config =
                new PushConfig(
                        null,
                        new InetSocketAddress("10.0.0.12", PORT),
                        own.resolve(PushKeys.CERTIFICATE),
                        own.resolve(PushKeys.KEY),
                        directory.resolve("trusted.crt"),
                        false);
        return () -> PushClient.push(config, text, true);
    }

    @Test
    void thePartnerTakesWhatIsNewerAndGood() throws Exception {
        Path settings = Files.writeString(directory.resolve("settings"), "");
        Files.writeString(file(0), text("first", 1, false));
        Files.writeString(file(1), text("second", 1, false));
        try (RouterPair pair = new RouterPair();
                DaemonProcess one = pair.startRouter(0, file(0), settings);
                DaemonProcess two = pair.startRouter(1, file(1), settings)) {
            ControlClient first = ControlClient.of(one);
            ControlClient second = ControlClient.of(two);
            assertThat(first.ask("POST", "/v1/push")).contains("with the same serial number 1");
            await(second, "serial number 1,");

            change(first, 0, 2, false);
            assertThat(one.weir("push")).contains("the partner had serial number 1");
            await(second, "serial number 2,");
            await(second, "weight 2 of 2");
            assertThat(file(1)).hasSameTextualContentAs(file(0));

            String bad = text("first", 9, false).replace("weight", "wieght");
            PushClient.Answer refused = pair.director(0).call(push("first", bad)::call);
            assertThat(refused.taken()).isFalse();
            assertThat(refused.text())
                    .contains("configuration from 10.0.0.11:17: there is no key wieght");
            String good = text("first", 9, false);
            assertThatThrownBy(() -> pair.director(0).call(push("stranger", good)::call))
                    .hasMessageContaining("the partner at");
            await(second, "serial number 2,");
            assertThat(file(1)).hasSameTextualContentAs(file(0));

            change(second, 1, 5, false);
            assertThat(first.ask("POST", "/v1/push")).contains("serial number 5, which is newer");
            await(second, "serial number 5,");
            assertThat(one.weir("push", "--force")).contains("the partner had serial number 5");
            await(second, "serial number 2,");

            change(first, 0, 6, true);
            await(second, "serial number 6,");
            await(second, "weight 6 of 6");
        }
    }
}
