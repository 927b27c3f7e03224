package io.weir.control.client;

import org.jspecify.annotations.Nullable;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The program behind {@code ipvsadm}, {@code ipvsadm-save} and {@code ipvsadm-restore}: has the
 * daemon of its network namespace run the command and passes on what it prints and its exit code.
 */
public final class IpvsadmClient {
    /** The exit code of ipvsadm when the kernel has no IPVS. */
    public static final int NO_DAEMON = 2;

    /** What a shell reports of a program that SIGPIPE ended, as it ends ipvsadm. */
    private static final int BROKEN_PIPE = 141;

    /** Media type of the answer: frames of a stream number, a length and bytes (docs/api.md). */
    private static final String FRAMES = "application/vnd.weir.frames";

    private static final int STREAM_END = 0;
    private static final int STREAM_OUTPUT = 1;

    // Unbuffered and without a charset: the bytes are passed on as they come.
    private final FileOutputStream output = new FileOutputStream(FileDescriptor.out);
    private final FileOutputStream errors = new FileOutputStream(FileDescriptor.err);

    private IpvsadmClient() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the name of the program, {@code ipvsadm}, {@code ipvsadm-save} or {@code
     *     ipvsadm-restore}, and its arguments
     */
    public static void main(String[] args) {
        System.exit(new IpvsadmClient().run(args));
    }

    private int run(String[] args) {
        byte[] input = NONE;
        try {
            if (readsInput(args)) {
                // Without a daemon there is nothing to wait for; and with one, somebody who types
                // rules may take longer than an idle connection lasts.
                ControlConnection.open(null).close();
                input = standardInput();
            }
            return request(args, input);
        } catch (ControlConnection.NoDaemonException e) {
            return fail("Can't initialize ipvs: " + e.getMessage());
        } catch (OutputClosedException e) {
            return BROKEN_PIPE;
        } catch (IOException e) {
            return fail(program(args) + ": " + e.getMessage());
        }
    }

    private int request(String[] args, byte[] input) throws IOException {
        try (ControlConnection connection = ControlConnection.open(null)) {
            connection.send("POST", target(args), FRAMES, input);
            InputStream body = connection.response();
            return connection.status() == 200 ? copy(body) : refused(connection.status(), body);
        }
    }

    private static final byte[] NONE = {};

    private static String program(String[] args) {
        return args.length == 0 ? "ipvsadm" : args[0];
    }

    // Only what will be read is waited for: an ipvsadm in a script's loop must not eat its input.
    private static boolean readsInput(String[] args) {
        if (program(args).equals("ipvsadm-restore")) {
            return true;
        }
        for (int i = 1; i < args.length; i++) {
            if (args[i].startsWith("-R") || args[i].equals("--restore")) {
                return true;
            }
        }
        return false;
    }

    private static byte[] standardInput() throws IOException {
        try (FileInputStream input = new FileInputStream(FileDescriptor.in)) {
            return input.readAllBytes();
        }
    }

    private static String target(String[] args) {
        StringBuilder target = new StringBuilder(256).append("/v1/ipvsadm?program=");
        encode(program(args), target);
        for (int i = 1; i < args.length; i++) {
            encode(args[i], target.append("&arg="));
        }
        return target.toString();
    }

    // RFC 3986 §2.1; all but the unreserved characters.
    private static void encode(String text, StringBuilder to) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (isUnreserved(c)) {
                to.append(c);
            } else {
                to.append('%').append(hexDigit(c >> 4)).append(hexDigit(c & 15));
            }
        }
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    private static char hexDigit(int value) {
        return (char) (value < 10 ? '0' + value : 'A' + value - 10);
    }

    private int copy(InputStream body) throws IOException {
        DataInputStream frames = new DataInputStream(body);
        byte[] buffer = new byte[16 << 10];
        while (true) {
            int stream = frames.readUnsignedByte();
            int left = frames.readInt();
            if (stream == STREAM_END) {
                return frames.readInt();
            }
            while (left > 0) {
                int count = frames.read(buffer, 0, Math.min(left, buffer.length));
                if (count < 0) {
                    throw new EOFException("the weir daemon's answer is not complete");
                }
                print(stream == STREAM_OUTPUT ? output : errors, buffer, count);
                left -= count;
            }
        }
    }

    private static void print(FileOutputStream stream, byte[] bytes, int count)
            throws OutputClosedException {
        try {
            stream.write(bytes, 0, count);
        } catch (IOException e) {
            throw new OutputClosedException();
        }
    }

    private int refused(int status, InputStream body) throws IOException {
        String problem = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        return fail("the weir daemon refused the command: HTTP " + status + " " + problem);
    }

    private int fail(@Nullable String message) {
        try {
            errors.write((message + "\n").getBytes(Charset.defaultCharset()));
        } catch (IOException e) {
            // Nobody is left to tell; the exit code says it too.
        }
        return NO_DAEMON;
    }

    /** Whoever read the output has gone, as {@code head} does. */
    private static final class OutputClosedException extends IOException {
        private static final long serialVersionUID = 1L;
    }
}
