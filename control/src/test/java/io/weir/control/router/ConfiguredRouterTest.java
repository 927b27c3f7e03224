package io.weir.control.router;

import static io.weir.control.keeper.Farm.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.config.Configuration;
import io.weir.control.event.Event;
import io.weir.control.event.EventHub;
import io.weir.control.keeper.Farm;
import io.weir.control.push.ConfigurationRefusedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.Arrays;

/** A router and its file, whose lines here are a serial number and the ports of services. */
class ConfiguredRouterTest {
    @TempDir private Path directory;

    private final PlainBalancer balancer = new PlainBalancer();
    private final FakeParts parts = new FakeParts();
    private final EventHub events = new EventHub();
    private ConfiguredRouter router;

    private Path file() {
        return directory.resolve("router.cf");
    }

    private static Configuration read(String source, String text) throws RouterRefusal {
        try {
            int[] numbers = text.lines().mapToInt(Integer::parseInt).toArray();
            Configuration services =
                    Farm.configuration(
                            Arrays.stream(numbers)
                                    .skip(1)
                                    .mapToObj(port -> service(port, null, 1))
                                    .toList());
            return new Configuration(
                    numbers[0],
                    services.timeouts(),
                    services.services(),
                    services.localServices(),
                    services.marks(),
                    services.masquerade(),
                    null,
                    services.vrrp(),
                    services.syncGroups(),
                    null,
                    null,
                    services.scripts());
        } catch (NumberFormatException e) {
            throw new RouterRefusal(source + ":1: " + e.getMessage());
        }
    }

    private void start(String text) throws IOException, RouterRefusal {
        Files.writeString(file(), text);
        ConfigurationFile file = new ConfigurationFile(file(), ConfiguredRouterTest::read);
        router =
                ConfiguredRouter.start(
                        balancer, parts, file, file.read(), events, InstantSource.system());
    }

    @AfterEach
    void close() {
        if (router != null) {
            router.close();
        }
        balancer.close();
    }

    private String lastEvent() {
        return events.recent().getLast().state();
    }

    @Test
    void aBadFileDoesNotStart() {
        assertThatThrownBy(() -> start("what?")).hasMessageContaining("router.cf:1: ");
        assertThat(parts.asked()).isEmpty();
        assertThatThrownBy(
                        () ->
                                new ConfigurationFile(
                                                Path.of("/no/file"), ConfiguredRouterTest::read)
                                        .read())
                .hasMessage("configuration /no/file cannot be read: does not exist");
    }

    @Test
    void aReloadTakesWhatTheFileSays() throws Exception {
        start("1\n80");
        Files.writeString(file(), "2\n80\n81");
        assertThat(router.reload())
                .isEqualTo(file() + ", serial number 2, is in force: 2 services, 0 real servers");
        assertThat(balancer.shown()).contains("192.0.2.1:80", "192.0.2.1:81");
        assertThat(router.reload()).contains("has not changed");
        Files.writeString(file(), "3\nx");
        assertThatThrownBy(() -> router.reload()).hasMessageContaining("router.cf:1: ");
        assertThat(lastEvent()).isEqualTo("refused");
        assertThat(balancer.shown()).contains("192.0.2.1:81");
        assertThat(router.held().serial()).isEqualTo(2);
        assertThatThrownBy(() -> router.push(false)).hasMessageContaining("no partner to push to");
    }

    @Test
    void thePartnersConfigurationTakesTheFilesPlace() throws Exception {
        start("1\n80");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(router.serialOf("partner", "7\n82")).isEqualTo(7);
        router.replace("partner", "7\n82");
        assertThat(Files.readString(file())).isEqualTo("7\n82");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-r-----");
        assertThat(router.held().text()).isEqualTo("7\n82");
        assertThat(balancer.shown()).contains("192.0.2.1:82");

        assertThatThrownBy(() -> router.replace("partner", "8\nx"))
                .isInstanceOf(ConfigurationRefusedException.class)
                .hasMessageContaining("partner:1: ");
        Files.delete(file());
        Files.createDirectory(file());
        assertThatThrownBy(() -> router.replace("partner", "9\n83"))
                .hasMessageContaining("cannot be written");
        assertThat(router.held().serial()).isEqualTo(7);
        assertThat(balancer.shown()).contains("192.0.2.1:82").doesNotContain("192.0.2.1:83");
    }

    @Test
    void whatCannotBeWrittenIsNotAppliedForAMomentEither() throws Exception {
        start("1\n80");
        Files.delete(file());
        Files.delete(directory); // as good as a full disk, also for root
        assertThatThrownBy(() -> router.replace("partner", "9\n83"))
                .isInstanceOf(ConfigurationRefusedException.class)
                .hasMessageContaining("cannot be written");
        assertThat(events.recent()).extracting(Event::state).containsOnlyOnce("applied");
        assertThat(balancer.shown()).contains("192.0.2.1:80");
        assertThat(router.held().serial()).isEqualTo(1);
        Files.createDirectory(directory);
    }
}
