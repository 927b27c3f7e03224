package io.weir.control.vrrp;

import io.weir.control.address.NetlinkAddressHolder;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.lab.Namespaces;
import io.weir.dataplane.sys.NetworkNamespace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A router of one virtual router in a process of its own, which can be killed and stopped. */
final class VrrpProcess implements AutoCloseable {
    private final Process process;
    private final CountDownLatch active = new CountDownLatch(1);

    private VrrpProcess(Process process) {
        this.process = process;
    }

    /** Starts one; its interval is in milliseconds. */
    static VrrpProcess start(
            NetworkNamespace namespace, int routerId, int priority, int millis, String address)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(VrrpProcess.class.getName());
        command.addAll(List.of("" + routerId, "" + priority, "" + millis, address));
        VrrpProcess started =
                new VrrpProcess(
                        new ProcessBuilder(Namespaces.inside(namespace, command))
                                .redirectErrorStream(true)
                                .start());
        Thread.ofPlatform().daemon().name("vrrp-output").start(started::read);
        return started;
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("ACTIVE")) {
                    active.countDown();
                }
            }
        } catch (IOException e) {
            // It ended.
        }
    }

    boolean awaitActive() throws InterruptedException {
        return active.await(30, TimeUnit.SECONDS);
    }

    /** Sends a signal. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** Takes part until it is killed. */
    public static void main(String[] arguments) throws Exception {
        VrrpInstanceConfig instance =
                Instances.of("vr", Integer.parseInt(arguments[0]), arguments[3])
                        .priority(Integer.parseInt(arguments[1]))
                        .millis(Long.parseLong(arguments[2]))
                        .build();
        EventSink silence = event -> {};
        AddressHolder addresses = NetlinkAddressHolder.open(silence);
        VrrpFailover failover =
                VrrpFailover.open(
                        addresses,
                        (name, role, reason) -> System.out.println(role + " " + reason),
                        silence);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    failover.close();
                                    addresses.close();
                                }));
        failover.configure(Instances.configuration(List.of(instance), List.of()));
        Thread.currentThread().join();
    }
}
