package io.weir.control.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.config.PushConfig;
import io.weir.control.event.Event;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Configurations on their way from one router to the other, over real TLS. */
final class PushTest {
    @TempDir private static Path keys;

    @BeforeAll
    static void makeKeys() throws IOException {
        for (String router : List.of("first", "second", "stranger")) {
            PushKeys.make(keys.resolve(router), router);
        }
    }

    private final FakeStore store = new FakeStore(7, "serial 7");
    private final List<Event> events = new CopyOnWriteArrayList<>();

    /** A router whose configurations are like "serial 7 and more"; "bad" ones have mistakes. */
    private static final class FakeStore implements ConfigurationStore {
        private volatile Held held;

        FakeStore(int serial, String text) {
            held = new Held(serial, text);
        }

        @Override
        public Held held() {
            // Vert.x closes clients that the collector finds; a push must not be one of them.
            System.gc();
            return held;
        }

        @Override
        public int serialOf(String source, String text) throws ConfigurationRefusedException {
            if (text.contains("bad")) {
                throw new ConfigurationRefusedException(source + ":1: bad");
            }
            return Integer.parseInt(text.split(" ", 3)[1]);
        }

        @Override
        public void replace(String source, String text) throws ConfigurationRefusedException {
            held = new Held(serialOf(source, text), text);
        }
    }

    private static PushConfig config(
            String who,
            String trusts,
            @Nullable InetSocketAddress listen,
            @Nullable InetSocketAddress partner) {
        Path own = keys.resolve(who);
        return new PushConfig(
                listen,
                partner,
                own.resolve(PushKeys.CERTIFICATE),
                own.resolve(PushKeys.KEY),
                keys.resolve(trusts).resolve(PushKeys.CERTIFICATE),
                false);
    }

    private static InetSocketAddress freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    private PushClient.Answer push(String text, boolean force) throws IOException {
        InetSocketAddress address = freePort();
        PushConfig taker = config("second", "first", address, null);
        try (PushServer _ = PushServer.open(taker, store, events::add)) {
            return PushClient.push(config("first", "second", null, address), text, force);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "serial 8,              false, true,  serial 8, serial number 7",
        "serial 7,              false, true,  serial 7, has it already",
        "serial 6,              false, false, serial 7, newer",
        "serial 6,              true,  true,  serial 6, serial number 7",
        "serial 7 but another,  false, false, serial 7, same serial number",
        "serial 7 but another,  true,  true,  serial 7 but another, serial number 7",
        "serial 9 but bad,      true,  false, serial 7, from 127.0.0.1:1: bad",
    })
    void theSerialNumberDecides(
            String offered, boolean force, boolean taken, String heldThen, String words)
            throws IOException {
        PushClient.Answer answer = push(offered, force);
        assertThat(answer.taken()).as(answer.text()).isEqualTo(taken);
        assertThat(answer.text()).contains(words);
        assertThat(store.held().text()).isEqualTo(heldThen);
    }

    @Test
    void whatIsTooLongIsSaidBeforeItIsSent() {
        String text = "serial 8 " + "x".repeat(PushServer.BODY_LIMIT_BYTES);
        assertThatThrownBy(() -> push(text, false)).hasMessageContaining("longer than 4194304");
        assertThat(store.held().text()).isEqualTo("serial 7");
    }

    @Test
    void aRefusalIsAnEvent() throws IOException {
        push("serial 9 but bad", false);
        assertThat(events)
                .singleElement()
                .satisfies(event -> assertThat(event.state()).isEqualTo("refused"))
                .satisfies(event -> assertThat(event.detail()).contains("bad"));
    }

    @Test
    void aStrangerIsNotHeard() throws IOException {
        InetSocketAddress address = freePort();
        PushConfig taker = config("second", "first", address, null);
        try (PushServer _ = PushServer.open(taker, store, events::add)) {
            PushConfig stranger = config("stranger", "second", null, address);
            assertThatThrownBy(() -> PushClient.push(stranger, "serial 99", true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the partner at");
        }
        assertThat(store.held().text()).isEqualTo("serial 7");
    }

    @Test
    void nothingIsGivenToAStranger() throws IOException {
        InetSocketAddress address = freePort();
        PushConfig taker = config("stranger", "first", address, null);
        try (PushServer _ = PushServer.open(taker, store, events::add)) {
            PushConfig giver = config("first", "second", null, address);
            assertThatThrownBy(() -> PushClient.push(giver, "serial 99", true))
                    .isInstanceOf(IOException.class);
        }
        assertThat(store.held().text()).isEqualTo("serial 7");
    }

    @Test
    void plainTextIsNotAnswered() throws IOException {
        InetSocketAddress address = freePort();
        PushConfig taker = config("second", "first", address, null);
        try (PushServer _ = PushServer.open(taker, store, events::add);
                Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream()
                    .write(
                            "PUT /v1/configuration HTTP/1.1\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(
                            new String(
                                    socket.getInputStream().readAllBytes(),
                                    StandardCharsets.ISO_8859_1))
                    .doesNotContain("HTTP/");
        }
    }

    @Test
    void anAbsentPartnerIsSaid() throws IOException {
        InetSocketAddress nobody = freePort();
        PushConfig giver = config("first", "second", null, nobody);
        assertThatThrownBy(() -> PushClient.push(giver, "serial 8", false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1")
                .hasMessageContaining("refused");
    }

    @Test
    void theKeyIsItsOwnersAlone() throws IOException {
        Path key = keys.resolve("first").resolve(PushKeys.KEY);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> PushKeys.make(keys.resolve("first"), "first"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("exists");
    }
}
