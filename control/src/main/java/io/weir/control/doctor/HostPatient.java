package io.weir.control.doctor;

import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.dataplane.io.afpacket.ArpProbe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The machine that the process runs on, and what the balancer in it knows. Belongs to the thread
 * that makes it, whose network namespace it looks at.
 *
 * @param network interfaces, addresses and routes
 * @param ports the captured interfaces, and how their frames are moved
 * @param workers the workers by their numbers
 * @param services the virtual services
 * @param role the router's role
 * @param partners what is known of other routers
 */
public record HostPatient(
        NetworkSnapshot network,
        Map<String, String> ports,
        List<WorkerState> workers,
        List<ServiceListing> services,
        Role role,
        List<Failover.Status> partners)
        implements Patient {
    private static final long PROGRAM_SECONDS = 2;
    private static final int FILE_LIMIT_BYTES = 1 << 20;

    public HostPatient {
        ports = Map.copyOf(ports);
        workers = List.copyOf(workers);
        services = List.copyOf(services);
        partners = List.copyOf(partners);
    }

    @Override
    public Set<String> captured() {
        return ports.keySet();
    }

    @Override
    public String io(String link) {
        return ports.getOrDefault(link, "");
    }

    @Override
    public @Nullable String proc(String path) {
        return text(Path.of("/proc", path));
    }

    @Override
    public @Nullable String sys(String path) {
        return text(Path.of("/sys", path));
    }

    private static @Nullable String text(Path path) {
        try (var file = Files.newInputStream(path)) {
            return new String(file.readNBytes(FILE_LIMIT_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public Set<Long> whoHas(Link link, IpAddress address) throws IOException {
        Set<Long> answered = new TreeSet<>();
        ArpProbe.ask(link, address, System::nanoTime, answered::add);
        return answered;
    }

    @Override
    public @Nullable Boolean offload(String link, String feature) {
        String features = output("ethtool", "-k", link);
        if (features == null) {
            return null;
        }
        for (String line : features.lines().toList()) {
            if (line.strip().startsWith(feature + ":")) {
                return line.contains(": on");
            }
        }
        return null;
    }

    @Override
    public @Nullable Boolean clockSynchronized() {
        String said = output("timedatectl", "show", "-p", "NTPSynchronized", "--value");
        return said == null ? null : said.strip().equals("yes");
    }

    private static @Nullable String output(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            try {
                process.getOutputStream().close();
                if (!process.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)
                        || process.exitValue() != 0) {
                    return null;
                }
                byte[] output = process.getInputStream().readNBytes(FILE_LIMIT_BYTES);
                return new String(output, StandardCharsets.UTF_8);
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
