package io.weir.dataplane.sync;

/**
 * What a balancer's synchronisation daemons have sent and taken since it began. The worker writes;
 * other threads may read and see some recent value.
 */
public final class SyncCounters {
    private long entriesSent;
    private long messagesSent;
    private long bytesSent;
    private long messagesLost;
    private long entriesReceived;
    private long messagesReceived;
    private long bytesReceived;

    /**
     * The numbers at one moment.
     *
     * @param entriesSent connections and templates reported, repetitions included
     * @param messagesSent datagrams given to the network
     * @param bytesSent their length in bytes, without UDP's and IP's headers
     * @param messagesLost datagrams for which the network had no room
     * @param entriesReceived connections and templates taken from others
     * @param messagesReceived datagrams from others that were read, at least in part
     * @param bytesReceived their length in bytes
     */
    public record Snapshot(
            long entriesSent,
            long messagesSent,
            long bytesSent,
            long messagesLost,
            long entriesReceived,
            long messagesReceived,
            long bytesReceived) {}

    void entrySent() {
        entriesSent++;
    }

    void messageSent(int length, boolean taken) {
        if (taken) {
            messagesSent++;
            bytesSent += length;
        } else {
            messagesLost++;
        }
    }

    /** Counts a connection or template that was taken. */
    public void entryReceived() {
        entriesReceived++;
    }

    /** Counts a message that can be read. */
    public void messageReceived(int length) {
        messagesReceived++;
        bytesReceived += length;
    }

    public Snapshot snapshot() {
        return new Snapshot(
                entriesSent,
                messagesSent,
                bytesSent,
                messagesLost,
                entriesReceived,
                messagesReceived,
                bytesReceived);
    }
}
