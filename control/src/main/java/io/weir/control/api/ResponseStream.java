package io.weir.control.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The body of a response, written by one thread that waits for the client to take it.
 *
 * <p>A body of up to {@value #BUFFER_BYTES} bytes is sent at the end, with its length; a longer one
 * goes out in chunks as it grows, so a listing of a million connections needs no more memory than a
 * short one. A client that takes nothing for {@value #STALL_SECONDS} s loses the connection.
 */
final class ResponseStream extends OutputStream {
    static final int BUFFER_BYTES = 32 << 10;
    static final int STALL_SECONDS = 30;

    private final HttpServerResponse response;
    private final Context eventLoop;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int used;
    private boolean started;

    ResponseStream(HttpServerResponse response, Context eventLoop) {
        this.response = response;
        this.eventLoop = eventLoop;
    }

    /** Runs an action on the event loop, which owns the request and the response. */
    void onEventLoop(Runnable action) {
        try {
            eventLoop.runOnContext(ignored -> action.run());
        } catch (RejectedExecutionException e) {
            // The server has ended, and the connection with it.
        }
    }

    /** Whether the status and the first bytes have been sent. */
    boolean started() {
        return started;
    }

    @Override
    public void write(int b) throws IOException {
        if (used == BUFFER_BYTES) {
            send();
        }
        buffer[used++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (used == BUFFER_BYTES) {
                send();
            }
            int count = Math.min(left, BUFFER_BYTES - used);
            System.arraycopy(bytes, from, buffer, used, count);
            used += count;
            from += count;
            left -= count;
        }
    }

    private void send() throws IOException {
        Buffer chunk = taken();
        boolean first = !started;
        started = true;
        await(
                () -> {
                    if (first) {
                        response.setChunked(true);
                    }
                    return response.write(chunk);
                });
    }

    private Buffer taken() {
        Buffer taken = Buffer.buffer(used).appendBytes(buffer, 0, used);
        used = 0;
        return taken;
    }

    /** Forgets what has been written but not sent. */
    void discard() {
        used = 0;
    }

    /** Sends the rest and ends the response. */
    void end() throws IOException {
        Buffer rest = taken();
        await(() -> response.end(rest));
    }

    /**
     * Runs a write on the event loop, which owns the response, and waits for the socket to take it.
     */
    private void await(Supplier<Future<Void>> write) throws IOException {
        Promise<Void> done = Promise.promise();
        Runnable start =
                () -> {
                    try {
                        write.get().onComplete(done);
                    } catch (IllegalStateException e) {
                        done.fail(e);
                    }
                };
        try {
            eventLoop.runOnContext(ignored -> start.run());
        } catch (RejectedExecutionException e) {
            throw new IOException("the server has ended", e);
        }
        try {
            done.future()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(STALL_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the client has gone", e);
        } catch (TimeoutException e) {
            throw new IOException("the client takes nothing", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the daemon ends");
        }
    }
}
