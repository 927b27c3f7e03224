package io.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.control.client.ControlConnection;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Whatever the body of a request: an answer in JSON, and never the daemon's own failure. */
class ApiFuzzTest {
    private static final List<String> REQUESTS =
            List.of(
                    "PUT /v1/sysctl/sloppy_tcp",
                    "PUT /v1/sysctl/conntrack",
                    "PATCH /v1/sysctl",
                    "POST /v1/marks",
                    "PUT /v1/marks");
    private static final List<String> TYPES = List.of("application/json", "text/plain");

    @TempDir static Path directory;
    private static ApiServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new FakeBalancer(1).serve(directory.resolve("s"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    // The request's number, the media type's, and the body.
    static Stream<byte[]> seeds() {
        return Stream.of(
                        "\0\0{\"value\": 1}",
                        "\1\0{\"value\": 0, \"more\": [{}, null, 1e9]}",
                        "\2\1net.ipv4.vs.sloppy_tcp = 1\n",
                        "\3\0[{\"protocol\": \"tcp\", \"destination\": \"192.0.2.1\","
                                + " \"ports\": \"80\", \"mark\": 80, \"mask\": 255}]",
                        "\4\0[]",
                        "\3\1any to fd01::/64 mark 1\n")
                .map(Frames::ascii);
    }

    @MethodSource("seeds")
    @FuzzTest
    void answers(byte[] input) throws IOException {
        byte[] padded = Arrays.copyOf(input, Math.max(input.length, 2));
        String[] request = REQUESTS.get(Math.floorMod(padded[0], REQUESTS.size())).split(" ", 2);
        String type = TYPES.get(Math.floorMod(padded[1], TYPES.size()));
        byte[] body = Arrays.copyOfRange(padded, 2, padded.length);
        String socket = directory.resolve("s").toString();
        try (ControlConnection connection = ControlConnection.open(socket)) {
            connection.send(request[0], request[1], "application/json", body, type);
            byte[] answer = connection.response().readAllBytes();
            assertThat(connection.status()).isIn(200, 400, 422);
            assertThat(Json.parse(new String(answer, UTF_8)).isMissingNode()).isFalse();
        }
    }
}
