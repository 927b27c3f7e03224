package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The names that the host knows: ports from its services file, hosts from its resolver.
 *
 * <p>A resolver that does not answer in time is not asked again for a while, so that a listing of
 * many servers takes one wait and not one for each. Lookups run on at most two threads of its own;
 * callers may be any.
 */
public final class SystemNames implements Names, AutoCloseable {
    private static final int THREADS = 2;
    private static final int MAX_WAITING = 64;
    private static final int IDLE_SECONDS = 10;
    private static final long SILENCE_NANOS = Duration.ofSeconds(30).toNanos();

    /** Asks for names and waits as long as it takes. */
    interface Resolver {
        @Nullable IpAddress address(String host) throws UnknownHostException;

        @Nullable String host(IpAddress address) throws UnknownHostException;
    }

    private static final class HostResolver implements Resolver {
        @Override
        public @Nullable IpAddress address(String host) throws UnknownHostException {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (address instanceof Inet4Address) {
                    return IpAddress.of(address.getAddress());
                }
            }
            return null;
        }

        @Override
        public @Nullable String host(IpAddress address) throws UnknownHostException {
            InetAddress known = InetAddress.getByAddress(address.toBytes());
            String name = known.getCanonicalHostName();
            // Without a name the JDK returns the number.
            return name.equals(known.getHostAddress()) ? null : name;
        }
    }

    private final ServicesFile services;
    private final Resolver resolver;
    private final Duration limit;
    private final LongSupplier nanoClock;
    private final ThreadPoolExecutor threads;

    /** Until when the resolver is left alone; meaningful once {@link #silenced}. */
    private final AtomicLong silentUntil = new AtomicLong();

    private volatile boolean silenced;

    /**
     * Reads the services file; without one ports have no names.
     *
     * @param servicesFile usually /etc/services
     * @param limit how long to wait for the resolver
     * @param nanoClock as {@link System#nanoTime}
     */
    public SystemNames(Path servicesFile, Duration limit, LongSupplier nanoClock) {
        this(read(servicesFile), new HostResolver(), limit, nanoClock);
    }

    SystemNames(ServicesFile services, Resolver resolver, Duration limit, LongSupplier nanoClock) {
        this.services = services;
        this.resolver = resolver;
        this.limit = limit;
        this.nanoClock = nanoClock;
        this.threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MAX_WAITING),
                        Thread.ofPlatform().daemon().name("weir-names-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    private static ServicesFile read(Path file) {
        try {
            return new ServicesFile(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return new ServicesFile("");
        }
    }

    @Override
    public @Nullable IpAddress address(String host) {
        return inTime(() -> resolver.address(host));
    }

    @Override
    public @Nullable String host(IpAddress address) {
        return inTime(() -> resolver.host(address));
    }

    private <T> @Nullable T inTime(Callable<@Nullable T> lookup) {
        if (silenced && nanoClock.getAsLong() - silentUntil.get() < 0) {
            return null;
        }
        Future<@Nullable T> answer;
        try {
            answer = threads.submit(lookup);
        } catch (RejectedExecutionException e) {
            return null;
        }
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            silentUntil.set(nanoClock.getAsLong() + SILENCE_NANOS);
            silenced = true;
            answer.cancel(true);
            return null;
        } catch (ExecutionException e) {
            // The resolver says that there is no such name.
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    @Override
    public int port(String service, int protocol) {
        return services.port(service, protocol);
    }

    @Override
    public @Nullable String service(int port, int protocol) {
        return services.service(port, protocol);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
