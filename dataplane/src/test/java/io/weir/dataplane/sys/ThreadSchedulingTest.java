package io.weir.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Each test has a thread of its own, which takes what it was given with it. */
@EnabledOnOs(OS.LINUX)
final class ThreadSchedulingTest {
    // proc_pid_stat(5), counted from 0 behind the name
    private static final int PRIORITY = 37;
    private static final int POLICY = 38;

    private static <T> T onAThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().start(task).join();
        return task.get();
    }

    private static List<String> stat() throws IOException {
        String line = Files.readString(Path.of("/proc/thread-self/stat"));
        return List.of(line.substring(line.lastIndexOf(')') + 2).strip().split(" "));
    }

    @Test
    void aThreadGoesBeforeOthersButNotThoseItStarts() throws Exception {
        List<String> stat;
        List<String> childs;
        try {
            stat =
                    onAThread(
                            () -> {
                                ThreadScheduling.realTime(3);
                                return stat();
                            });
            childs =
                    onAThread(
                            () -> {
                                ThreadScheduling.realTime(3);
                                return onAThread(ThreadSchedulingTest::stat);
                            });
        } catch (Exception e) {
            if (e.getCause() instanceof SystemCallException refused
                    && refused.errno() == Errno.EPERM) {
                abort(refused.getMessage());
            }
            throw e;
        }
        assertThat(stat.get(POLICY)).isEqualTo("1");
        assertThat(stat.get(PRIORITY)).isEqualTo("3");
        assertThat(childs.get(POLICY)).isEqualTo("0");
        assertThat(childs.get(PRIORITY)).isEqualTo("0");
    }

    @Test
    void refusesAPriorityThatTheKernelDoesNotHave() {
        assertThatThrownBy(() -> onAThread(() -> refused(100)))
                .hasCauseInstanceOf(SystemCallException.class)
                .hasMessageContaining("cannot run a thread with real-time priority 100")
                .hasMessageContaining("EINVAL");
    }

    private static boolean refused(int priority) throws SystemCallException {
        ThreadScheduling.realTime(priority);
        return false;
    }
}
