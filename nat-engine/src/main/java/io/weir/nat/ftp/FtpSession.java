package io.weir.nat.ftp;

import io.weir.dataplane.flow.ConnectionTable;

/**
 * What is remembered of one control connection, from its first PASV, EPSV, PORT or EPRT on. Reused;
 * owned by the worker.
 */
final class FtpSession {
    private final SequenceAdjustment adjustment = new SequenceAdjustment();
    private final SequenceAdjustment clientAdjustment = new SequenceAdjustment();
    private int slot = ConnectionTable.NONE;
    private int awaited;
    private int expected;
    private boolean answered;
    private int answeredAt;
    private boolean inStep;
    private int nextSequence;
    private boolean lineEnded;
    private int next;

    /** Starts anew for a control connection. */
    void begin(int control, int nextInBucket) {
        slot = control;
        next = nextInBucket;
        awaited = FtpText.NONE;
        expected = ConnectionTable.NONE;
        answered = false;
        inStep = false;
        adjustment.clear();
        clientAdjustment.clear();
    }

    int slot() {
        return slot;
    }

    /** The number of the next session in the same bucket, or in the list of free ones. */
    int next() {
        return next;
    }

    void setNext(int session) {
        next = session;
    }

    /** Of the server's numbers, the only ones that ever change here. */
    SequenceAdjustment adjustment() {
        return adjustment;
    }

    /** Of the client's numbers, which another balancer may have changed. */
    SequenceAdjustment clientAdjustment() {
        return clientAdjustment;
    }

    /** The client asked for a passive data connection; {@code reply} is what answers that. */
    void await(int reply) {
        awaited = reply;
    }

    /** The data connection that is expected, or {@link ConnectionTable#NONE}. */
    int expected() {
        return expected;
    }

    void setExpected(int connection) {
        expected = connection;
    }

    /** Whether a reply at this sequence number is the answer to what the client asked for. */
    boolean answers(int reply, int sequence, boolean insideSegment) {
        return reply == awaited && (insideSegment || !continuesLine(sequence));
    }

    // A client that can choose where segments begin must not have its own words, sent back in the
    // middle of a line, taken for a reply.
    private boolean continuesLine(int sequence) {
        return inStep && sequence == nextSequence && !lineEnded;
    }

    /** An answer was taken up. */
    void answered(int sequence) {
        awaited = FtpText.NONE;
        answered = true;
        answeredAt = sequence;
    }

    /** Whether a reply was taken up before and comes again. */
    boolean repeats(int sequence) {
        return answered && sequence - answeredAt <= 0;
    }

    /** Takes note of where the server's stream has come to. */
    void sent(int sequence, int bytes, int lastByte) {
        int end = sequence + bytes;
        if (!inStep || end - nextSequence > 0) {
            inStep = true;
            nextSequence = end;
            lineEnded = lastByte == '\n';
        }
    }
}
