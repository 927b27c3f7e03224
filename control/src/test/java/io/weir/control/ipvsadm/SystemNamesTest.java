package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

final class SystemNamesTest {
    private static final IpAddress ADDRESS = IpAddress.v4(0x0a000001);

    /** Knows one host; hangs on another until the test ends. */
    private static final class TestResolver implements SystemNames.Resolver {
        private final CountDownLatch end = new CountDownLatch(1);
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public @Nullable IpAddress address(String host) throws UnknownHostException {
            asked.incrementAndGet();
            switch (host) {
                case "web" -> {
                    return ADDRESS;
                }
                case "slow" -> hang();
                default -> {}
            }
            throw new UnknownHostException(host);
        }

        private void hang() {
            boolean over = false;
            while (!over) {
                try {
                    end.await();
                    over = true;
                } catch (InterruptedException e) {
                    // As a resolver in native code, which no interrupt reaches.
                }
            }
        }

        @Override
        public @Nullable String host(IpAddress address) {
            return address.equals(ADDRESS) ? "web" : null;
        }
    }

    @Test
    @Timeout(60)
    void aSilentResolverIsWaitedForOnce() {
        TestResolver resolver = new TestResolver();
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
        try (SystemNames names =
                new SystemNames(Recording.SERVICES, resolver, Duration.ofMillis(200), clock::get)) {
            assertThat(names.address("web")).isEqualTo(ADDRESS);
            assertThat(names.host(ADDRESS)).isEqualTo("web");
            assertThat(names.host(IpAddress.v4(1))).isNull();
            assertThat(names.address("unknown")).isNull();
            assertThat(names.address("slow")).isNull();
            int asked = resolver.asked.get();
            assertThat(names.address("web")).isNull();
            assertThat(resolver.asked.get()).isEqualTo(asked);
            clock.addAndGet(Duration.ofSeconds(31).toNanos());
            assertThat(names.address("web")).isEqualTo(ADDRESS);
        } finally {
            resolver.end.countDown();
        }
    }

    @Test
    void numbersNeedNoServicesFile() {
        try (SystemNames names =
                new SystemNames(
                        Path.of("/no/such/file"), Duration.ofSeconds(1), System::nanoTime)) {
            assertThat(names.port("http", ServiceId.TCP)).isEqualTo(Names.UNKNOWN_PORT);
            assertThat(names.service(80, ServiceId.TCP)).isNull();
        }
    }

    @Test
    void readsServicesWithTheirOtherNames() {
        ServicesFile services =
                new ServicesFile(
                        """
                        # comment
                        http 80/tcp www # the web
                        web\t80/tcp
                        http 81/tcp
                        nonsense
                        bad x/tcp
                        bad 70000/tcp
                        echo 7/udp
                        """);
        assertThat(services.port("www", ServiceId.TCP)).isEqualTo(80);
        assertThat(services.port("http", ServiceId.TCP)).isEqualTo(80);
        assertThat(services.port("http", ServiceId.UDP)).isEqualTo(Names.UNKNOWN_PORT);
        assertThat(services.port("bad", ServiceId.TCP)).isEqualTo(Names.UNKNOWN_PORT);
        assertThat(services.service(80, ServiceId.TCP)).isEqualTo("http");
        assertThat(services.service(7, ServiceId.UDP)).isEqualTo("echo");
        assertThat(services.service(7, 0)).isNull();
    }
}
