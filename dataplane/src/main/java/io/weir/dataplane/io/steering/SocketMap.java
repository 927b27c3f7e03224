package io.weir.dataplane.io.steering;

import io.weir.dataplane.flow.ClientSpread;

/**
 * The AF_XDP sockets of an interface, for the program at its driver: each worker has a place for
 * each receive queue, and a frame goes to its own worker's.
 *
 * @param descriptor of an XSKMAP with {@link #entries} places
 * @param spread says which worker has a client
 */
public record SocketMap(int descriptor, ClientSpread spread) {
    private static final int QUEUE_BITS = 4;

    /** More than a worker has use for; the frames of others go by the packet sockets. */
    public static final int MOST_QUEUES = 1 << QUEUE_BITS;

    /** How many places some workers need. */
    public static int entries(int workers) {
        return workers << QUEUE_BITS;
    }

    /** Where the socket of a worker for a queue belongs. */
    public static int place(int worker, int queue) {
        return worker << QUEUE_BITS | queue;
    }

    /** Has the program add the place of a worker's first queue to that of the queue. */
    static void addWorker(BpfAssembler code, int queue, int worker) {
        code.shiftLeft(worker, QUEUE_BITS);
        code.add(queue, worker);
    }
}
