package io.weir.control.house.violation;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** One method for each thing that is banned from the hot packages. Never run. */
public final class Violations {
    private final ReentrantLock lock = new ReentrantLock();
    private final Semaphore semaphore = new Semaphore(1);
    private final Map<Long, Long> connections = new HashMap<>();

    boolean locks() {
        return lock.isLocked();
    }

    boolean blocks() {
        return semaphore.tryAcquire();
    }

    synchronized int isSynchronized() {
        return connections.size();
    }

    @Nullable Long boxes(long key) {
        return connections.get(key);
    }

    int streams() {
        return IntStream.range(0, 3).sum();
    }

    String formats(int port) {
        return String.format("port %d", port);
    }

    boolean usesRegularExpressions(String text) {
        return Pattern.matches("a", text) || text.matches("b");
    }

    int isRandom() {
        return ThreadLocalRandom.current().nextInt();
    }

    long readsClock() {
        return System.nanoTime();
    }

    void sleeps() throws InterruptedException {
        Thread.sleep(1);
    }

    void logs() {
        Logger.getLogger("weir").log(Level.INFO, "packet");
        System.getLogger("weir").log(System.Logger.Level.INFO, "packet");
        System.out.println("packet");
    }
}
