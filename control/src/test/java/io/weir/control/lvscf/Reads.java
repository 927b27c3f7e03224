package io.weir.control.lvscf;

import io.weir.control.config.Configuration;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Reads texts on a host of which the test knows everything. */
final class Reads {
    static final Map<String, String> FILES =
            Map.of(
                    "/etc/weir/marks", "tcp to 192.0.2.1 port 99 mark 9\n",
                    "/etc/weir/masquerade", "tcp 10.0.0.0/24 sport 20 behind 192.0.2.1\n",
                    "/etc/weir/broken", "\nnonsense\n");

    /** Knows a host and the ports of a few services. */
    private static final class FewNames implements Names {
        @Override
        public @Nullable IpAddress address(String host) {
            return host.equals("web.example") ? IpAddress.parse("192.0.2.77") : null;
        }

        @Override
        public @Nullable String host(IpAddress address) {
            return null;
        }

        @Override
        public int port(String service, int protocol) {
            return switch (service) {
                case "http" -> protocol == 6 ? 80 : UNKNOWN_PORT;
                case "domain" -> 53;
                default -> UNKNOWN_PORT;
            };
        }

        @Override
        public @Nullable String service(int port, int protocol) {
            return null;
        }
    }

    private Reads() {}

    static Surroundings host(String... addresses) {
        Set<IpAddress> own = Set.copyOf(List.of(addresses).stream().map(Reads::address).toList());
        return new Surroundings(new FewNames(), own, Reads::file);
    }

    private static String file(Path path) throws IOException {
        String text = FILES.get(path.toString());
        if (text == null) {
            throw new IOException(path + " cannot be read: does not exist");
        }
        return text;
    }

    static LvsCf.Reading inspect(String text) throws LvsCfException {
        return LvsCf.inspect("lvs.cf", text, host());
    }

    static Configuration read(String text) throws LvsCfException {
        return inspect(text).configuration();
    }

    static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    /** A text from the resources. */
    static String sample(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(Reads.class.getResourceAsStream("/lvscf/" + name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static ServiceConfig onlyService(Configuration configuration) {
        return configuration.services().getFirst();
    }

    static ServerConfig onlyServer(Configuration configuration) {
        return onlyService(configuration).servers().getFirst();
    }
}
