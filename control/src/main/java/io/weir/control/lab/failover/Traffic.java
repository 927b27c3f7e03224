package io.weir.control.lab.failover;

import io.weir.dataplane.sys.NetworkNamespace;

import java.io.IOException;

/** What the client does all the time: one long download, short requests, datagrams. */
final class Traffic implements AutoCloseable {
    private final Download download;
    private final Requests requests;
    private final Datagrams datagrams;
    private int answeredBefore;
    private int lostBefore;
    private int untoldBefore;
    private long bytesBefore;
    private long sentBefore;

    private Traffic(Download download, Requests requests, Datagrams datagrams) {
        this.download = download;
        this.requests = requests;
        this.datagrams = datagrams;
    }

    static Traffic start(NetworkNamespace client) throws IOException {
        Download download = Download.start(client);
        return new Traffic(download, Requests.start(client), Datagrams.start(client));
    }

    /** Starts to measure anew. */
    void begin() {
        answeredBefore = requests.answered();
        lostBefore = requests.lost();
        untoldBefore = requests.untold();
        bytesBefore = download.bytes();
        sentBefore = datagrams.sent();
        download.silence().begin();
        requests.silence().begin();
        datagrams.silence().begin();
    }

    /** The requests, one after the other. */
    Requests requests() {
        return requests;
    }

    /**
     * What was seen since {@link #begin}.
     *
     * @param silenceMillis the longest time without an answer to a datagram
     * @param datagramsLost those without an answer; the last few may still come
     * @param downloadMillis the longest time in which the download stood still: TCP's own timers
     *     add to the silence
     * @param requestMillis the longest time without an answer to a request
     * @param requestsUntold those that were too young to be known to the new router
     * @param broken what broke the download, empty if nothing did
     */
    record Seen(
            long silenceMillis,
            long datagramsLost,
            long downloadMillis,
            long downloadBytes,
            long requestMillis,
            int requestsAnswered,
            int requestsLost,
            int requestsUntold,
            String lastLoss,
            String broken) {}

    Seen seen() {
        return new Seen(
                datagrams.silence().longestMillis(),
                Math.max(0, datagrams.sent() - sentBefore - datagrams.silence().signs()),
                download.silence().longestMillis(),
                download.bytes() - bytesBefore,
                requests.silence().longestMillis(),
                requests.answered() - answeredBefore,
                requests.lost() - lostBefore,
                requests.untold() - untoldBefore,
                requests.lastLoss(),
                download.broken());
    }

    @Override
    public void close() {
        download.close();
        requests.close();
        datagrams.close();
    }
}
