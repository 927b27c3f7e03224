package io.weir.control.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.client.ControlConnection;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

class ApiServerTest {
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain";
    private static final String FRAMES = "application/vnd.weir.frames";

    @TempDir private Path directory;

    private record Answer(int status, String body) {}

    private Path socket() {
        return directory.resolve("s");
    }

    private ApiServer start() throws IOException {
        return new FakeBalancer(2).serve(directory.resolve("s"));
    }

    private Answer ask(String method, String target, String accept, byte[] body)
            throws IOException {
        try (ControlConnection connection = ControlConnection.open(socket().toString())) {
            connection.send(method, target, accept, body);
            byte[] answer = connection.response().readAllBytes();
            return new Answer(connection.status(), new String(answer, StandardCharsets.UTF_8));
        }
    }

    private Answer get(String target) throws IOException {
        return ask("GET", target, JSON, null);
    }

    @Test
    void statusNamesTheNamespaceAndTheInterfaces() throws IOException {
        try (ApiServer _ = start()) {
            Answer answer = get("/v1/status");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(Json.parse(answer.body()).at("/networkNamespace").asString())
                    .isEqualTo("net:[42]");
            assertThat(Json.parse(answer.body()).at("/interfaces/0/name").asString())
                    .isEqualTo("eth0");
            assertThat(Json.parse(answer.body()).at("/syncDaemons/0/role").asString())
                    .isEqualTo("master");
            assertThat(ask("GET", "/v1/status", TEXT, null).body())
                    .startsWith("weir 1.2.3, Java ")
                    .contains("2 services, 1 server, table of 1048576 connections\n")
                    .endsWith("eth0 (af_packet)\nmaster sync daemon on eth1, id 5\n");
        }
    }

    @Test
    void aServiceIsFoundByItsIdInTheList() throws IOException {
        try (ApiServer _ = start()) {
            for (int i = 0; i < 2; i++) {
                String id = Json.parse(get("/v1/services").body()).at("/" + i + "/id").asString();
                Answer one = get("/v1/services/" + id);
                assertThat(one.status()).isEqualTo(200);
                assertThat(Json.parse(one.body()).at("/id").asString()).isEqualTo(id);
            }
            Answer marked = get("/v1/services/mark/21");
            assertThat(Json.parse(marked.body()).at("/persistence/netmask").asString())
                    .isEqualTo("255.255.255.0");
            assertThat(Json.parse(marked.body()).at("/protocol").isMissingNode()).isTrue();
        }
    }

    @Test
    void whatIsNotThereIsAProblem() throws IOException {
        try (ApiServer _ = start()) {
            for (String target :
                    new String[] {
                        "/",
                        "/v1/nothing",
                        "/v1/services/tcp/10.0.0.1/81",
                        "/v1/services/tcp/10.0.0.1",
                        "/v1/services/icmp/10.0.0.1/80",
                        "/v1/services/tcp/10.0.0.256/80",
                        "/v1/services/tcp/10.0.0.1/99999999999999",
                        "/v1/services/mark/22",
                        "/v1/services/mark/21/80",
                        "/v1/proc",
                        "/v1/proc/ip_vs_conn_",
                        "/v1/sysctl/nothing"
                    }) {
                Answer answer = get(target);
                assertThat(answer.status()).as(target).isEqualTo(404);
                assertThat(Json.parse(answer.body()).at("/status").asInt()).isEqualTo(404);
                assertThat(Json.parse(answer.body()).at("/title").asString())
                        .isEqualTo("Not Found");
            }
        }
    }

    @Test
    void aWrongMethodIsRefused() throws IOException {
        try (ApiServer _ = start()) {
            assertThat(ask("DELETE", "/v1/status", JSON, null).status()).isEqualTo(405);
            assertThat(get("/v1/ipvsadm?arg=-L").status()).isEqualTo(405);
        }
    }

    @Test
    void aBodyBeyondTheLimitIsRefused() throws IOException {
        try (ApiServer _ = start();
                ControlConnection connection = ControlConnection.open(socket().toString())) {
            // The head alone: the daemon must not wait for what it will not take.
            connection.send("POST", "/v1/ipvsadm", TEXT, null);
            assertThat(connection.response().readAllBytes()).isNotEmpty();
            byte[] tooLong = new byte[ApiRoutes.BODY_LIMIT_BYTES + 1];
            try {
                assertThat(ask("POST", "/v1/ipvsadm", TEXT, tooLong).status()).isEqualTo(413);
            } catch (IOException e) {
                // The daemon closed while the client was still sending: refused as well.
                assertThat(e).hasMessageContaining("Broken pipe");
            }
            assertThat(get("/v1/status").status()).isEqualTo(200);
        }
    }

    @Test
    void settingsAreReadAndSet() throws IOException {
        try (ApiServer _ = start()) {
            String target = "/v1/sysctl/sloppy_tcp";
            assertThat(Json.parse(get(target).body()).at("/value").asInt(-1)).isZero();
            assertThat(put(target, "{\"value\": 1}").status()).isEqualTo(200);
            assertThat(Json.parse(get(target).body()).at("/value").asInt()).isEqualTo(1);
            assertThat(Json.parse(get("/v1/sysctl").body()).at("/sloppy_tcp/value").asInt())
                    .isEqualTo(1);
            assertThat(put(target, "{\"value\": 7}").status()).isEqualTo(422);
            Answer fixed = put("/v1/sysctl/conntrack", "{\"value\": 1}");
            assertThat(fixed.status()).isEqualTo(422);
            assertThat(Json.parse(fixed.body()).at("/detail").asString())
                    .startsWith("conntrack stays 0: ");
            assertThat(put("/v1/sysctl/conntrack", "{\"value\": 0}").status()).isEqualTo(200);
            for (String bad :
                    new String[] {"", "1", "{", "{\"value\": \"1\"}", "{\"value\": 1e99}"}) {
                assertThat(put(target, bad).status()).as(bad).isEqualTo(400);
            }
            assertThat(Json.parse(get(target).body()).at("/value").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aSettingOfTwoNumbersIsAText() throws IOException {
        try (ApiServer _ = start()) {
            String target = "/v1/sysctl/sync_threshold";
            assertThat(Json.parse(get(target).body()).at("/value").asString()).isEqualTo("3 50");
            assertThat(put(target, "{\"value\": \"2 0\"}").status()).isEqualTo(200);
            assertThat(Json.parse(get(target).body()).at("/value").asString()).isEqualTo("2 0");
            assertThat(put(target, "{\"value\": \"5 3\"}").status()).isEqualTo(422);
            assertThat(put(target, "{\"value\": 3}").status()).isEqualTo(400);
            assertThat(Json.parse(get(target).body()).at("/defaultValue").asString())
                    .isEqualTo("3 50");
        }
    }

    private Answer put(String target, String body) throws IOException {
        return ask("PUT", target, JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void countersExplainDrops() throws IOException {
        try (ApiServer _ = start()) {
            assertThat(Json.parse(get("/v1/counters").body()).at("/drops/0/packets").asInt())
                    .isEqualTo(7);
            assertThat(ask("GET", "/v1/counters", TEXT, null).body())
                    .contains("no-server ", " 7  no real server can take it\n")
                    .containsPattern("sent +30 +2 +1200 +0\n")
                    .containsPattern("received +4 +1 +160\n")
                    .doesNotContain("too-big");
            assertThat(ask("GET", "/v1/counters?all=true", TEXT, null).body()).contains("too-big");
        }
    }

    @Test
    void aMillionConnectionsAreStreamed() throws IOException {
        int count = 1_000_000;
        try (ApiServer _ = new FakeBalancer(count).serve(directory.resolve("s"));
                ControlConnection connection = ControlConnection.open(socket().toString())) {
            connection.send("GET", "/v1/connections", JSON, null);
            long lines = 0;
            byte[] buffer = new byte[64 << 10];
            try (var body = connection.response()) {
                for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                    for (int i = 0; i < n; i++) {
                        lines += buffer[i] == '\n' ? 1 : 0;
                    }
                }
            }
            assertThat(lines).isEqualTo(count);
        }
    }

    @Test
    void aCommandAnswersAsText() throws IOException {
        try (ApiServer _ = start()) {
            byte[] input = "the input".getBytes(StandardCharsets.UTF_8);
            Answer answer = ask("POST", "/v1/ipvsadm?arg=-R&arg=a%20b%26%C3%A9", TEXT, input);
            assertThat(answer).isEqualTo(new Answer(200, "ipvsadm [-R, a b&é]\nthe input"));
            Answer failed = ask("POST", "/v1/ipvsadm?arg=--fail&arg=255", TEXT, null);
            assertThat(failed.status()).isEqualTo(422);
            assertThat(Json.parse(failed.body()).at("/detail").asString())
                    .isEqualTo("No such service");
            assertThat(Json.parse(failed.body()).at("/exitCode").asInt()).isEqualTo(255);
            assertThat(ask("POST", "/v1/ipvsadm?program=sh", TEXT, null).status()).isEqualTo(400);
        }
    }

    @Test
    void aCommandAnswersInFrames() throws IOException {
        try (ApiServer _ = start();
                ControlConnection connection = ControlConnection.open(socket().toString())) {
            connection.send("POST", "/v1/ipvsadm?arg=--fail&arg=2", FRAMES, null);
            DataInputStream frames = new DataInputStream(connection.response());
            assertThat(frame(frames)).isEqualTo("1 ipvsadm [--fail, 2]\n");
            assertThat(frame(frames)).isEqualTo("2 No such service\n");
            assertThat(frames.readByte()).isZero();
            assertThat(frames.readInt()).isEqualTo(4);
            assertThat(frames.readInt()).isEqualTo(2);
            assertThat(frames.read()).isEqualTo(-1);
        }
    }

    private static String frame(DataInputStream frames) throws IOException {
        int stream = frames.readByte();
        return stream
                + " "
                + new String(frames.readNBytes(frames.readInt()), StandardCharsets.UTF_8);
    }

    @Test
    void aDefectIsAProblemAndTheServerGoesOn() throws IOException {
        try (ApiServer _ = start()) {
            assertThat(ask("POST", "/v1/ipvsadm?arg=--throw", TEXT, null).status()).isEqualTo(500);
            assertThat(get("/v1/status").status()).isEqualTo(200);
        }
    }

    @Test
    void theSocketIsForItsOwnerAlone() throws IOException {
        try (ApiServer _ = start()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-------");
            try (var files = Files.list(directory)) {
                assertThat(files).containsExactly(socket());
            }
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aSocketLeftByAKilledDaemonIsReplaced() throws IOException {
        Path path = directory.resolve("s");
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        try (ApiServer _ = start()) {
            assertThat(get("/v1/status").status()).isEqualTo(200);
        }
    }

    @Test
    void aServedSocketIsLeftAlone() throws IOException {
        try (ApiServer _ = start()) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another daemon serves it");
            assertThat(get("/v1/status").status()).isEqualTo(200);
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Path path = Files.writeString(directory.resolve("s"), "precious");
        assertThatThrownBy(this::start).hasMessageContaining("there is a file of that name");
        assertThat(path).hasContent("precious");
    }

    @Test
    void aMissingDirectoryIsNamed() {
        assertThatThrownBy(() -> new FakeBalancer(0).serve(directory.resolve("no/s")))
                .hasMessageContaining("there is no directory");
    }

    @Test
    void anAnswerCutOffIsNotTakenForComplete() throws IOException {
        ApiServer server = new FakeBalancer(5_000_000).serve(directory.resolve("s"));
        try (ControlConnection connection = ControlConnection.open(socket().toString())) {
            connection.send("GET", "/v1/connections", JSON, null);
            InputStream body = connection.response();
            assertThat(body.readNBytes(1000)).hasSize(1000);
            server.close();
            assertThatThrownBy(body::readAllBytes).isInstanceOf(EOFException.class);
        } finally {
            server.close();
        }
    }

    @Test
    void aFileOfProcIsStreamed() throws IOException {
        int connections = 100_000;
        try (ApiServer _ = new FakeBalancer(connections).serve(socket())) {
            Answer answer = ask("GET", "/v1/proc/ip_vs_conn", TEXT, null);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body())
                    .startsWith("Pro FromIP   FPrt ")
                    .endsWith("0A000102 1F90 ESTABLISHED     899\n")
                    .hasLineCount(1 + connections);
        }
    }

    private Answer patch(String body) throws IOException {
        return ask("PATCH", "/v1/sysctl", TEXT, body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void severalSettingsAreSetAtOnceOrNotAtAll() throws IOException {
        try (ApiServer _ = start()) {
            Answer set = patch("net.ipv4.vs.sloppy_tcp = 1\nconn_reuse_mode = 0\n");
            assertThat(set.status()).isEqualTo(200);
            assertThat(set.body())
                    .contains("net.ipv4.vs.sloppy_tcp = 1\n", "net.ipv4.vs.conn_reuse_mode = 0\n");
            Answer refused = patch("sloppy_tcp = 0\nconn_reuse_mode = 4\n");
            assertThat(refused.status()).isEqualTo(422);
            assertThat(Json.parse(refused.body()).at("/detail").asString())
                    .startsWith("line:2: conn_reuse_mode = 4: conn_reuse_mode takes a number");
            assertThat(Json.parse(get("/v1/sysctl").body()).at("/sloppy_tcp/value").asInt())
                    .isEqualTo(1);
        }
    }

    private Answer json(String method, String body) throws IOException {
        try (ControlConnection connection = ControlConnection.open(socket().toString())) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            connection.send(method, "/v1/marks", JSON, bytes, JSON);
            byte[] answer = connection.response().readAllBytes();
            return new Answer(connection.status(), new String(answer, StandardCharsets.UTF_8));
        }
    }

    @Test
    void marksAreTakenAndShownAsJson() throws IOException {
        try (ApiServer _ = start()) {
            String rules =
                    """
                    [{"protocol": "tcp", "destination": "10.1.0.100", "ports": 80, "mark": 80},
                     {"destination": "2001:db8::/32", "source": "2001:db8:1::/48", "ports": "1-2",
                      "mark": "0x10", "mask": 255}]
                    """;
            assertThat(json("PUT", rules).status()).isEqualTo(200);
            Answer shown = get("/v1/marks");
            assertThat(Json.parse(shown.body()).at("/0/rule").asString())
                    .isEqualTo("tcp to 10.1.0.100 port 80 mark 80");
            assertThat(Json.parse(shown.body()).at("/0/mask").asLong()).isEqualTo(0xffffffffL);
            assertThat(Json.parse(shown.body()).at("/1/rule").asString())
                    .isEqualTo("any to 2001:db8::/32 port 1-2 from 2001:db8:1::/48 mark 0x10/0xff");
            assertThat(json("PUT", shown.body()).body()).isEqualTo(shown.body());
        }
    }

    @Test
    void wrongMarksAreRefusedAsAWhole() throws IOException {
        try (ApiServer _ = start()) {
            String good = "{\"destination\": \"10.1.0.100\", \"mark\": 1}";
            for (String wrong :
                    new String[] {
                        "{}",
                        "{\"destination\": \"x\", \"mark\": 1}",
                        "{\"destination\": \"10.0.0.1\\ntcp to 10.0.0.1\", \"mark\": 1}",
                        "{\"destination\": \"10.0.0.1 port 1\", \"mark\": \"1\\\"\"}",
                        "{\"destination\": \"10.0.0.1\", \"mark\": 4294967296}",
                        "{\"destination\": \"10.0.0.1\", \"mark\": {}}",
                        "7",
                        "null",
                    }) {
                Answer answer = json("POST", "[" + good + ", " + wrong + "]");
                assertThat(answer.status()).as(wrong).isEqualTo(422);
                assertThat(answer.body()).contains("rules:2: ");
            }
            assertThat(json("POST", good).status()).isEqualTo(400);
            assertThat(json("POST", "[").status()).isEqualTo(400);
            assertThat(ask("DELETE", "/v1/marks?rul=1", JSON, null).status()).isEqualTo(400);
            assertThat(get("/v1/marks").body()).isEqualTo("[ ]\n");
        }
    }
}
