package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A network namespace of this machine, in which a thread can work for a while.
 *
 * <p>Sockets, netlink sockets and BPF links opened inside stay in that namespace for their life,
 * whichever thread uses them later. Threads and child processes started inside stay there too.
 */
public final class NetworkNamespace {
    private static final String NAMED = "/run/netns/";
    private static final String OF_THIS_THREAD = "/proc/thread-self/ns/net";
    private static final int CLONE_NEWNET = 0x40000000;
    private static final int SO_NETNS_COOKIE = 71;

    private static final MethodHandle SETNS = Downcall.link("setns", JAVA_INT, JAVA_INT, JAVA_INT);

    private final String path;
    private final String name;

    private NetworkNamespace(String path, String name) {
        this.path = path;
        this.name = name;
    }

    /** A namespace made with {@code ip netns add}. */
    public static NetworkNamespace named(String name) {
        return new NetworkNamespace(NAMED + name, name);
    }

    /** The namespace of a running process. */
    public static NetworkNamespace ofProcess(long pid) {
        return new NetworkNamespace("/proc/" + pid + "/ns/net", "of process " + pid);
    }

    /**
     * The number of the calling thread's namespace, which no other one ever has until the machine
     * starts anew; inodes are used again.
     *
     * @throws SystemCallException before Linux 5.14
     */
    public static long cookie() throws SystemCallException {
        String purpose = "tell network namespaces apart";
        try (Descriptor socket = Sockets.open(Sockets.AF_INET, Sockets.SOCK_DGRAM, 0, purpose);
                NativeBlock number = new NativeBlock(Long.BYTES)) {
            int result =
                    Sockets.getOption(
                            socket.number(),
                            Sockets.SOL_SOCKET,
                            SO_NETNS_COOKIE,
                            number.address(),
                            Long.BYTES);
            SystemCallException.check(result, purpose, "getsockopt(SO_NETNS_COOKIE)");
            return Memory.nativeLong(number.address());
        }
    }

    /** Work to be done inside a namespace. */
    @FunctionalInterface
    public interface Work<T, X extends Exception> {
        T run() throws X;
    }

    /**
     * Does work on the calling thread inside this namespace, and returns the thread to its own.
     *
     * @throws SystemCallException if the namespace does not exist or may not be entered
     * @throws IllegalStateException on a virtual thread, whose carrier is not its own to move
     */
    public <T, X extends Exception> T call(Work<T, X> work) throws SystemCallException, X {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread cannot change its network namespace");
        }
        String purpose = "enter network namespace " + name;
        try (Descriptor home = Descriptor.openForReading(OF_THIS_THREAD, purpose);
                Descriptor target = Descriptor.openForReading(path, purpose)) {
            int result = set(target);
            if (result == -Errno.EPERM) {
                throw new SystemCallException(
                        purpose, "setns", Errno.EPERM, "run as root, or grant CAP_SYS_ADMIN");
            }
            SystemCallException.check(result, purpose, "setns");
            try (Visit _ = new Visit(home, name)) {
                return work.run();
            }
        }
    }

    /** Being away from home; ends by going back. */
    private record Visit(Descriptor home, String name) implements AutoCloseable {
        @Override
        public void close() {
            if (set(home) < 0) {
                throw new IllegalStateException(
                        "this thread cannot return from network namespace " + name);
            }
        }
    }

    private static int set(Descriptor namespace) {
        MemorySegment state = Downcall.state();
        try {
            return Downcall.result(
                    (int) SETNS.invokeExact(state, namespace.number(), CLONE_NEWNET), state);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
