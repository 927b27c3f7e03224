package io.weir.dataplane.director;

/**
 * Connections whose packets are forwarded elsewhere, by the kernel, and are told of in arrears.
 * Owned by the worker.
 */
public interface OffloadedFlows {
    /** Nothing is forwarded elsewhere. */
    OffloadedFlows NONE =
            new OffloadedFlows() {
                @Override
                public void withdraw(int connection) {}

                @Override
                public void ended(int connection) {}

                @Override
                public void withdrawAll() {}

                @Override
                public int hear() {
                    return 0;
                }

                @Override
                public void count() {}

                @Override
                public void close() {}
            };

    /** A connection changes: from now on its packets come to the worker again. */
    void withdraw(int connection);

    /** The same for a connection that ends and is not in the expiry wheel any more. */
    void ended(int connection);

    /** The same for all connections: what was decided about them may not hold any more. */
    void withdrawAll();

    /**
     * Advances connections as segments forwarded up to now have changed them.
     *
     * @return how many have told of it
     */
    int hear();

    /** The same, and counts what has been forwarded up to now. */
    void count();

    /** Takes everything back for good; the memory of the flows is not used any more. */
    void close();
}
