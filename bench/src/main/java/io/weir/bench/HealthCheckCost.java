package io.weir.bench;

import com.sun.management.ThreadMXBean;

import io.weir.control.check.Health;
import io.weir.control.check.HealthListener;
import io.weir.control.check.MonitoredServer;
import io.weir.control.check.NettyHealthMonitor;
import io.weir.control.check.ServerKey;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What TCP checks of thousands of servers on loopback cost: processor time and memory of weir's two
 * checking threads, the kernel's work for their sockets included.
 *
 * <p>Arguments: number of servers, interval in seconds, seconds to measure; 5000, 5 and 30 if they
 * are missing. Linux only, which answers on all of 127.0.0.0/8.
 */
public final class HealthCheckCost {
    private static final int FIRST_ADDRESS = 0x7f010001;
    private static final int BACKLOG = 4096;

    private final AtomicLong accepted = new AtomicLong();
    private final AtomicInteger up = new AtomicInteger();
    private final AtomicInteger down = new AtomicInteger();

    private HealthCheckCost() {}

    public static void main(String[] arguments) throws Exception {
        int servers = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5000;
        int interval = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 30;
        new HealthCheckCost().run(servers, interval, seconds);
    }

    private void run(int servers, int interval, int seconds) throws Exception {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(0), BACKLOG);
            int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
            Thread.ofPlatform().daemon().name("servers").start(() -> serve(listener));
            try (NettyHealthMonitor monitor = NettyHealthMonitor.open(new Counter())) {
                long start = System.nanoTime();
                monitor.watch(servers(servers, port, interval));
                while (up.get() < servers) {
                    Thread.sleep(1);
                }
                System.out.printf(
                        "%d servers up after %d ms%n",
                        servers, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
                TimeUnit.SECONDS.sleep(3L * interval);
                measure(seconds);
            }
        }
    }

    private void measure(int seconds) throws InterruptedException {
        List<Long> threads = checkingThreads();
        long checks = accepted.get();
        long processor = processorNanos(threads);
        long memory = allocatedBytes(threads);
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double elapsed = System.nanoTime() - start;
        checks = accepted.get() - checks;
        processor = processorNanos(threads) - processor;
        memory = allocatedBytes(threads) - memory;
        System.out.printf("%.0f checks/s%n", checks / (elapsed / 1e9));
        System.out.printf("%.1f %% of one core%n", 100 * processor / elapsed);
        System.out.printf("%.1f us of processor time per check%n", processor / 1e3 / checks);
        System.out.printf("%d bytes allocated per check%n", memory / checks);
        System.out.printf("%d servers went down%n", down.get());
    }

    private static ThreadMXBean threads() {
        return (ThreadMXBean) ManagementFactory.getThreadMXBean();
    }

    private static List<Long> checkingThreads() {
        List<Long> ids = new ArrayList<>();
        for (long id : threads().getAllThreadIds()) {
            String name = threads().getThreadInfo(id).getThreadName();
            if (name.startsWith("weir-health") || name.startsWith("weir-probe")) {
                ids.add(id);
            }
        }
        return ids;
    }

    private static long processorNanos(List<Long> ids) {
        return ids.stream().mapToLong(threads()::getThreadCpuTime).sum();
    }

    private static long allocatedBytes(List<Long> ids) {
        return ids.stream().mapToLong(threads()::getThreadAllocatedBytes).sum();
    }

    private void serve(ServerSocketChannel listener) {
        try {
            while (true) {
                listener.accept().close();
                accepted.incrementAndGet();
            }
        } catch (IOException e) {
            // The measurement is over.
        }
    }

    private static List<MonitoredServer> servers(int count, int port, int interval) {
        Duration limit = Duration.ofSeconds(interval);
        CheckTiming timing = new CheckTiming(limit, limit, limit, 1, 1, true, 0);
        ServiceId service = ServiceId.of(ServiceId.TCP, IpAddress.v4(0x0a000001), 80);
        List<MonitoredServer> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            IpAddress address = IpAddress.v4(FIRST_ADDRESS + i);
            CheckConfig check =
                    new CheckConfig(
                            new Probe.TcpConnect(), address, port, CheckConfig.Path.DIRECT, timing);
            servers.add(
                    new MonitoredServer(
                            new ServerKey(service, new ServerId(address, 80)),
                            ForwardingMethod.ROUTE,
                            List.of(check),
                            null));
        }
        return servers;
    }

    /** Counts servers. */
    private final class Counter implements HealthListener {
        @Override
        public void healthChanged(ServerKey server, Health health, String detail) {
            (health == Health.UP ? up : down).incrementAndGet();
        }

        @Override
        public void loadMeasured(ServerKey server, double load) {}

        @Override
        public void weightDemanded(ServerKey server, int weight) {}
    }
}
