package io.weir.control.check.probe;

import io.weir.dataplane.sys.Linux;
import io.weir.dataplane.sys.ProcessGroup;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that is run to its end, with what it prints.
 *
 * <p>It leads a session of its own where the machine has setsid(1), so that it and everything that
 * it starts can be killed together. Its standard input is empty and its errors go nowhere. Used by
 * one thread, which is interrupted to end the program early.
 */
final class ProgramProcess implements AutoCloseable {
    /** What nanny reads of it. */
    static final int OUTPUT_LIMIT_BYTES = 4095;

    private static final File NOTHING = new File("/dev/null");
    private static final long LONGEST_NAP_MILLIS = 20;
    private static final boolean GROUPS =
            Linux.unsupportedReason() == null && ProgramFile.find("setsid") != null;

    private final Process process;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final byte[] buffer = new byte[8192];
    private boolean ended;

    private ProgramProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a program.
     *
     * @throws IOException if it cannot be started; the message is one line
     */
    static ProgramProcess start(List<String> command) throws IOException {
        ProgramFile.require(command.getFirst());
        List<String> whole =
                GROUPS ? Stream.concat(Stream.of("setsid"), command.stream()).toList() : command;
        return new ProgramProcess(
                new ProcessBuilder(whole)
                        .redirectInput(ProcessBuilder.Redirect.from(NOTHING))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start());
    }

    /**
     * Waits for its end, and for no other process that still holds its output open.
     *
     * @return its exit code; 128 and the signal's number if a signal ended it
     * @throws InterruptedException if the thread was interrupted meanwhile
     */
    int await() throws InterruptedException, IOException {
        InputStream printed = process.getInputStream();
        long nap = 1;
        // The thread never blocks in a read, from which nothing could wake it while a process that
        // the program left behind has the other end.
        while (!process.waitFor(nap, TimeUnit.MILLISECONDS)) {
            nap = drain(printed) ? 1 : Math.min(2 * nap, LONGEST_NAP_MILLIS);
        }
        ended = true;
        // A process of the group that floods its output would be read for ever.
        killGroup();
        drain(printed);
        return process.exitValue();
    }

    private boolean drain(InputStream printed) throws IOException, InterruptedException {
        boolean any = false;
        int available;
        while ((available = printed.available()) > 0) {
            int read = printed.read(buffer, 0, Math.min(available, buffer.length));
            if (read <= 0) {
                break;
            }
            any = true;
            output.write(buffer, 0, Math.min(read, OUTPUT_LIMIT_BYTES - output.size()));
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return any;
    }

    /** The first bytes that it printed, without a newline at their end; one byte a character. */
    String output() {
        String text = output.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** Kills it, and everything that it started, if it has not ended. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        // Listed first: a child whose parent is dead is nobody's descendant any more.
        List<ProcessHandle> descendants = process.descendants().toList();
        killGroup();
        process.destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
    }

    private void killGroup() {
        if (GROUPS) {
            // Fails if nothing is left of it, or if it was not begun yet.
            int ignored = ProcessGroup.kill(process.pid());
        }
    }
}
