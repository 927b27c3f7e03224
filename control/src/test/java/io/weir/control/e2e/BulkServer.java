package io.weir.control.e2e;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Takes a stream of bytes that both ends know, or sends one. The bytes are random and repeat after
 * a prime number of them, so that neither a lost, a doubled nor a swapped segment fits by chance.
 */
final class BulkServer implements Closeable {
    private static final int PERIOD = 1_000_003;
    private static final int CHUNK_BYTES = 256 << 10;
    private static final int IDLE_MILLIS = 20_000;
    private static final byte[] PATTERN = new byte[PERIOD + CHUNK_BYTES];

    static {
        byte[] period = new byte[PERIOD];
        new SplittableRandom(20261122).nextBytes(period);
        System.arraycopy(period, 0, PATTERN, 0, PERIOD);
        System.arraycopy(period, 0, PATTERN, PERIOD, CHUNK_BYTES);
    }

    private final ServerSocket listener;

    private BulkServer(ServerSocket listener) {
        this.listener = listener;
    }

    static BulkServer start(NetworkNamespace namespace, int port) throws IOException {
        BulkServer server = new BulkServer(namespace.call(() -> new ServerSocket(port)));
        Thread.ofPlatform().daemon().name("bulk").start(server::serve);
        return server;
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket connection = listener.accept()) {
                connection.setSoTimeout(IDLE_MILLIS);
                DataInputStream input = new DataInputStream(connection.getInputStream());
                DataOutputStream output = new DataOutputStream(connection.getOutputStream());
                boolean upload = input.readBoolean();
                long bytes = input.readLong();
                if (upload) {
                    output.writeLong(receive(input, bytes));
                } else {
                    send(output, bytes);
                }
            } catch (IOException e) {
                // The client sees it and reports it.
            }
        }
    }

    /**
     * Moves bytes from the calling thread's namespace to the server, or from there to here.
     *
     * @return how many bytes arrived as they were sent, from the first on
     */
    static long move(String host, int port, boolean upload, long bytes) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(IDLE_MILLIS);
            socket.connect(new InetSocketAddress(host, port), IDLE_MILLIS);
            DataOutputStream output = new DataOutputStream(socket.getOutputStream());
            DataInputStream input = new DataInputStream(socket.getInputStream());
            output.writeBoolean(upload);
            output.writeLong(bytes);
            if (!upload) {
                return receive(input, bytes);
            }
            send(output, bytes);
            return input.readLong();
        }
    }

    private static void send(OutputStream output, long bytes) throws IOException {
        for (long sent = 0; sent < bytes; ) {
            int count = (int) Math.min(CHUNK_BYTES, bytes - sent);
            output.write(PATTERN, (int) (sent % PERIOD), count);
            sent += count;
        }
    }

    private static long receive(InputStream input, long bytes) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        for (long received = 0; received < bytes; ) {
            int count = input.read(chunk, 0, (int) Math.min(CHUNK_BYTES, bytes - received));
            if (count < 0) {
                throw new EOFException("the stream ends after " + received + " bytes");
            }
            int at = (int) (received % PERIOD);
            int wrong = Arrays.mismatch(chunk, 0, count, PATTERN, at, at + count);
            if (wrong >= 0) {
                return received + wrong;
            }
            received += count;
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
