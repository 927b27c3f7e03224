package io.weir.control.check.probe;

import io.weir.dataplane.sys.Linux;
import io.weir.dataplane.sys.Pipe;
import io.weir.dataplane.sys.ProcessGroup;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
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
    private static final int READS_IN_A_ROW = 100;
    private static final boolean LINUX = Linux.unsupportedReason() == null;
    private static final boolean GROUPS = LINUX && ProgramFile.find("setsid") != null;

    private final Process process;
    private final InputStream printed;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final byte[] buffer = new byte[8192];
    private boolean ended;

    private ProgramProcess(Process process, InputStream printed) {
        this.process = process;
        this.printed = printed;
    }

    /**
     * Starts a program.
     *
     * @throws IOException if it cannot be started; the message is one line
     */
    static ProgramProcess start(List<String> command) throws IOException {
        ProgramFile.require(command.getFirst());
        ProcessBuilder builder =
                new ProcessBuilder(
                                GROUPS
                                        ? Stream.concat(Stream.of("setsid"), command.stream())
                                                .toList()
                                        : command)
                        .redirectInput(ProcessBuilder.Redirect.from(NOTHING))
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        if (!LINUX) {
            Process process = builder.start();
            return new ProgramProcess(process, process.getInputStream());
        }
        // Java reads its own pipe into memory when the program has ended, for as long as another
        // process goes on writing.
        try (Pipe pipe = Pipe.open("run " + command.getFirst())) {
            InputStream printed = new FileInputStream(pipe.readName());
            try {
                builder.redirectOutput(new File(pipe.writeName()));
                return new ProgramProcess(builder.start(), printed);
            } catch (IOException e) {
                printed.close();
                throw e;
            }
        }
    }

    /**
     * Waits for its end, and for no other process that still holds its output open.
     *
     * @return its exit code; 128 and the signal's number if a signal ended it
     * @throws InterruptedException if the thread was interrupted meanwhile
     */
    int await() throws InterruptedException, IOException {
        long nap = 1;
        // The thread never blocks in a read, from which nothing could wake it while a process that
        // the program left behind has the other end.
        while (!process.waitFor(nap, TimeUnit.MILLISECONDS)) {
            nap = drain() ? 1 : Math.min(2 * nap, LONGEST_NAP_MILLIS);
        }
        ended = true;
        killGroup();
        drain();
        return process.exitValue();
    }

    private boolean drain() throws IOException {
        int reads = 0;
        int available;
        while (reads < READS_IN_A_ROW && (available = printed.available()) > 0) {
            int read = printed.read(buffer, 0, Math.min(available, buffer.length));
            if (read <= 0) {
                break;
            }
            reads++;
            output.write(buffer, 0, Math.min(read, OUTPUT_LIMIT_BYTES - output.size()));
        }
        return reads > 0;
    }

    /** The first bytes that it printed, without a newline at their end; one byte a character. */
    String output() {
        String text = output.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /** Kills it, and everything that it started, if it has not ended. */
    @Override
    public void close() throws IOException {
        if (!ended) {
            // Listed first: a child whose parent is dead is nobody's descendant any more.
            List<ProcessHandle> descendants = process.descendants().toList();
            killGroup();
            process.destroyForcibly();
            descendants.forEach(ProcessHandle::destroyForcibly);
        }
        printed.close();
    }

    private void killGroup() {
        if (GROUPS) {
            // Fails if nothing is left of it, or if it was not begun yet.
            int ignored = ProcessGroup.kill(process.pid());
        }
    }
}
