package io.weir.dataplane.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A shell script in a process of its own that learns by a pipe when this process has ended, however
 * that went, and that keeps descriptors of this process open (posix_spawn(3)).
 *
 * <p>The script gets the pipe as its standard input and must put what is to outlive this process
 * into the background (with {@code exec 3<&0} before, since a shell takes the input from what runs
 * there); its first process has ended when {@link #start} returns. It runs in the network namespace
 * of the thread that starts it. Any thread.
 */
public final class GuardProcess implements AutoCloseable {
    private static final String SHELL = "/bin/sh";
    private static final String SEARCH_PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int LAST_STANDARD = 2;
    private static final int FIRST_KEPT = 10;
    private static final int O_CLOEXEC = 0x80000;

    /** More than posix_spawn_file_actions_t has in any C library. */
    private static final int ACTIONS_BYTES = 512;

    private static final MethodHandle PIPE2 = Downcall.link("pipe2", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle WRITE =
            Downcall.link("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle WAITPID =
            Downcall.link("waitpid", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle POSIX_SPAWN =
            Downcall.link(
                    "posix_spawn",
                    JAVA_INT,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG,
                    JAVA_LONG);
    private static final MethodHandle ACTIONS_INIT =
            Downcall.link("posix_spawn_file_actions_init", JAVA_INT, JAVA_LONG);
    private static final MethodHandle ACTIONS_DUP2 =
            Downcall.link(
                    "posix_spawn_file_actions_adddup2", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle ACTIONS_CLOSE =
            Downcall.link("posix_spawn_file_actions_addclose", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle ACTIONS_DESTROY =
            Downcall.link("posix_spawn_file_actions_destroy", JAVA_INT, JAVA_LONG);

    private final Descriptor writing;

    private GuardProcess(Descriptor writing) {
        this.writing = writing;
    }

    /**
     * Starts a script.
     *
     * @param kept descriptors that it keeps open; under numbers above 9, of which shells know
     *     nothing
     * @throws SystemCallException ENOENT without a shell
     */
    public static GuardProcess start(String script, int[] kept, String purpose)
            throws SystemCallException {
        try (NativeBlock ends = new NativeBlock(2L * Integer.BYTES)) {
            MemorySegment state = Downcall.state();
            int made = (int) PIPE2.invokeExact(state, ends.address(), O_CLOEXEC);
            SystemCallException.check(Downcall.result(made, state), purpose, "pipe2");
            Descriptor writing = new Descriptor(Memory.nativeInt(ends.address() + 4));
            try (Descriptor reading = new Descriptor(Memory.nativeInt(ends.address()))) {
                int errno = spawn(script, reading.number(), kept);
                if (errno != 0) {
                    writing.close();
                    throw new SystemCallException(
                            purpose, "posix_spawn(" + SHELL + ")", errno, "install a shell");
                }
            }
            return new GuardProcess(writing);
        } catch (SystemCallException refused) {
            throw refused;
        } catch (IOException e) {
            throw new SystemCallException(purpose, "open(/proc/self/fd)", Errno.ENOENT);
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    // The functions of this family return their error number, and leave errno alone.
    private static int spawn(String script, int input, int[] kept) throws Throwable {
        try (NativeBlock actions = new NativeBlock(ACTIONS_BYTES);
                NativeBlock shell = CString.of(SHELL);
                NativeBlock option = CString.of("-c");
                NativeBlock text = CString.of(script);
                NativeBlock path = CString.of(SEARCH_PATH);
                NativeBlock vectors = new NativeBlock(7L * Long.BYTES);
                NativeBlock pid = new NativeBlock(Integer.BYTES)) {
            long arguments = vectors.address();
            Memory.putNativeLong(arguments, shell.address());
            Memory.putNativeLong(arguments + 8, option.address());
            Memory.putNativeLong(arguments + 16, text.address());
            long environment = arguments + 32;
            Memory.putNativeLong(environment, path.address());
            MemorySegment state = Downcall.state();
            long at = actions.address();
            int errno = (int) ACTIONS_INIT.invokeExact(state, at);
            if (errno != 0) {
                return errno;
            }
            errno = (int) ACTIONS_DUP2.invokeExact(state, at, input, 0);
            List<Integer> open = openDescriptors();
            int free = Math.max(FIRST_KEPT, Collections.max(open) + 1);
            for (int i = 0; i < kept.length && errno == 0; i++) {
                errno = (int) ACTIONS_DUP2.invokeExact(state, at, kept[i], free + i);
            }
            for (int i = 0; i < open.size() && errno == 0; i++) {
                errno = (int) ACTIONS_CLOSE.invokeExact(state, at, (int) open.get(i));
            }
            if (errno == 0) {
                errno =
                        (int)
                                POSIX_SPAWN.invokeExact(
                                        state,
                                        pid.address(),
                                        shell.address(),
                                        at,
                                        0L,
                                        arguments,
                                        environment);
            }
            int ignored = (int) ACTIONS_DESTROY.invokeExact(state, at);
            if (errno == 0) {
                ignored = (int) WAITPID.invokeExact(state, Memory.nativeInt(pid.address()), 0L, 0);
            }
            return errno;
        }
    }

    // Java opens its files and sockets so that every child process has them, and closes them in
    // the child processes that it starts itself.
    private static List<Integer> openDescriptors() throws IOException {
        List<Integer> open = new ArrayList<>();
        try (DirectoryStream<Path> links = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path link : links) {
                int number = Integer.parseInt(link.getFileName().toString());
                if (number > LAST_STANDARD) {
                    open.add(number);
                }
            }
        }
        return open;
    }

    /** Sends a line to the script; false if it has ended. */
    public boolean tell(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try (NativeBlock block = new NativeBlock(bytes.length)) {
            Memory.copyIn(bytes, 0, block.address(), bytes.length);
            MemorySegment state = Downcall.state();
            long written =
                    (long)
                            WRITE.invokeExact(
                                    state, writing.number(), block.address(), (long) bytes.length);
            return written == bytes.length;
        } catch (Throwable e) {
            throw Downcall.mismatch(e);
        }
    }

    /** Lets the script read its input's end, as the end of this process would. */
    @Override
    public void close() {
        writing.close();
    }
}
