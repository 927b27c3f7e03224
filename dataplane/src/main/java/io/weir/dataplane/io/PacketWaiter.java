package io.weir.dataplane.io;

/**
 * Lets an idle worker sleep until a frame arrives, a command is posted or time is up.
 *
 * <p>{@link #await} is called by the worker, {@link #wake} by any thread; a wake that comes before
 * the await is not lost.
 */
public interface PacketWaiter extends AutoCloseable {
    /** Waits for at most this long; may return early for no reason. */
    void await(long nanos);

    /** Ends the current await, or makes the next one return at once. */
    void wake();

    @Override
    void close();
}
