package io.weir.control.router;

import static io.weir.control.keeper.Farm.checked;
import static io.weir.control.keeper.Farm.key;
import static io.weir.control.keeper.Farm.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.api.ApiBackend;
import io.weir.control.api.ApiServer;
import io.weir.control.api.FakeBalancer;
import io.weir.control.check.Health;
import io.weir.control.client.ControlConnection;
import io.weir.control.event.EventHub;
import io.weir.control.keeper.Farm;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/** What the control API answers about a router, and what it does with it. */
class RouterApiTest {
    @TempDir private Path directory;

    private final PlainBalancer balancer = new PlainBalancer();
    private final FakeParts parts = new FakeParts();
    private final EventHub events = new EventHub();
    private ConfiguredRouter router;
    private ApiServer server;

    private Path socket() {
        return directory.resolve("socket");
    }

    @BeforeEach
    void start() throws Exception {
        ConfigurationFile file =
                new ConfigurationFile(
                        Files.writeString(directory.resolve("router.cf"), "good"),
                        (source, text) -> {
                            if (!text.equals("good")) {
                                throw new RouterRefusal(source + ":1: not good");
                            }
                            return Farm.configuration(
                                    service(80, Farm.sorry(9), 1, checked(1), checked(2)));
                        });
        router =
                ConfiguredRouter.start(
                        balancer, parts, file, file.read(), events, InstantSource.system());
        ApiBackend plain = new FakeBalancer(1).backend();
        server = ApiServer.create();
        server.serve(
                socket(),
                new ApiBackend(
                        balancer.administration(),
                        plain.ipvsadm(),
                        plain.marks(),
                        plain.masquerade(),
                        plain.view(),
                        router,
                        plain.version(),
                        plain.networkNamespace(),
                        plain.started()));
    }

    @AfterEach
    void close() {
        server.close();
        router.close();
        balancer.close();
    }

    private record Answer(int status, String text) {}

    private Answer ask(String method, String target, String accept, String body) throws Exception {
        try (ControlConnection connection = ControlConnection.open(socket().toString())) {
            byte[] sent = body.isEmpty() ? null : body.getBytes(StandardCharsets.UTF_8);
            connection.send(method, target, accept, sent);
            try (InputStream answer = connection.response()) {
                return new Answer(
                        connection.status(),
                        new String(answer.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    private Answer post(String target) throws Exception {
        return ask("POST", target, "*/*", "");
    }

    private void await(String words) throws Exception {
        long end = System.nanoTime() + 30_000_000_000L;
        while (!balancer.shown().contains(words)) {
            assertThat(System.nanoTime()).as(balancer.shown()).isLessThan(end);
            Thread.sleep(5);
        }
    }

    @Test
    void statusHasServicesAndServersInWordsAndJson() throws Exception {
        parts.found(key(80, 1), Health.UP);
        parts.found(key(80, 2), Health.DOWN);
        await("10.0.0.1:80");
        JsonNode document =
                JsonMapper.shared()
                        .readTree(ask("GET", "/v1/status", "application/json", "").text)
                        .path("router");
        assertThat(document.path("role").asString()).isEqualTo("active");
        JsonNode service = document.path("services").get(0);
        assertThat(service.path("service").asString()).isEqualTo("tcp 192.0.2.1:80");
        assertThat(service.path("state").asString()).isEqualTo("up");
        JsonNode first = service.path("servers").get(0);
        assertThat(first.path("name").asString()).isEqualTo("web1");
        assertThat(first.path("weight").asInt()).isEqualTo(10);
        assertThat(service.path("servers").get(1).has("weight")).isFalse();
        assertThat(ask("GET", "/v1/status", "text/plain", "").text)
                .contains("role active\n  single: active, there is no partner\n")
                .containsPattern("web1 +10.0.0.1:80 +up +weight 10 of 10, 0 active, 0 inactive")
                .containsPattern("web2 +10.0.0.2:80 +down +weight - of 10")
                .containsPattern("sorry server +10.0.0.9:80 +(standby|draining)");
    }

    @Test
    void wishesAreFulfilledOrRefusedInTheRoutersWords() throws Exception {
        assertThat(post("/v1/reload").text).contains("has not changed: 1 service, 2 real servers");
        Files.writeString(directory.resolve("router.cf"), "bad");
        Answer refused = post("/v1/reload");
        assertThat(refused.status).isEqualTo(422);
        assertThat(refused.text).contains("router.cf:1: not good");
        assertThat(post("/v1/failover").text).contains("this router has no partner");
        assertThat(post("/v1/push").text).contains("names no partner to push to");
        parts.asked();
        assertThat(post("/v1/checks").status).isEqualTo(200);
        assertThat(parts.asked()).containsExactly("check now");
        assertThat(post("/v1/drain").status).isEqualTo(400);
        assertThat(post("/v1/drain?server=web9").text).contains("there is no server web9");
        assertThat(post("/v1/drain?server=web1&service=nobody").text)
                .contains("there is no server web1 in service nobody");
        assertThat(post("/v1/drain?server=10.0.0.1").text).contains("\"servers\" : 1");
        assertThat(ask("PUT", "/v1/maintenance", "*/*", "{\"on\": 1}").status).isEqualTo(400);
        assertThat(ask("PUT", "/v1/maintenance", "*/*", "{\"on\": true}").text)
                .contains("no partner");
    }

    @Test
    void eventsAreToldAsTheyHappen() throws Exception {
        try (ControlConnection connection = ControlConnection.open(socket().toString())) {
            connection.send("GET", "/v1/events?past=1", "application/json", null);
            BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(connection.response(), StandardCharsets.UTF_8));
            assertThat(connection.status()).isEqualTo(200);
            assertThat(lines.readLine()).contains("\"kind\":\"configuration\"", "applied");
            parts.found(key(80, 1), Health.UP);
            assertThat(lines.readLine())
                    .contains(
                            "\"kind\":\"server\"",
                            "\"subject\":[\"service80\",\"web1\"]",
                            "\"state\":\"up\"");
            assertThat(lines.readLine()).contains("\"kind\":\"service\"");
        }
        try (ControlConnection connection = ControlConnection.open(socket().toString())) {
            connection.send("GET", "/v1/events?past=1", "text/plain", null);
            BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(connection.response(), StandardCharsets.UTF_8));
            assertThat(lines.readLine())
                    .endsWith(" service service80: up: 1 of 2 servers are in service");
        }
    }
}
