package io.weir.nat.ftp;

/**
 * How sequence numbers of one direction change because a text in it was replaced by a longer or
 * shorter one.
 *
 * <p>Bytes up to the start of the last replaced segment are shifted by what earlier replacements
 * came to, later bytes by the whole: these are init_seq, previous_delta and delta of the kernel and
 * of its synchronisation protocol (lvs-features.md 6.7). All numbers are compared as sequence
 * numbers (RFC 9293 3.4). Pure but for its own fields; owned by the worker.
 */
final class SequenceAdjustment {
    private int initial;
    private int length;
    private int delta;
    private int previousDelta;

    void clear() {
        initial = 0;
        length = 0;
        delta = 0;
        previousDelta = 0;
    }

    /** Goes on as another balancer did; the length of the replaced segment is not known. */
    void resume(int start, int shift, int previousShift) {
        initial = start;
        length = 0;
        delta = shift;
        previousDelta = previousShift;
    }

    /** Where the last replaced segment started, in its sender's numbers. */
    int initial() {
        return initial;
    }

    /** The shift after that. */
    int delta() {
        return delta;
    }

    /** The shift before that. */
    int previousDelta() {
        return previousDelta;
    }

    /** Whether any number changes. */
    boolean active() {
        return (delta | previousDelta) != 0;
    }

    /**
     * A segment's text was replaced for the first time.
     *
     * @param sequence where it starts, in its sender's numbers
     * @param bytes its payload as it came
     * @param growth how much longer it became, negative if shorter
     */
    void replaced(int sequence, int bytes, int growth) {
        initial = sequence;
        length = bytes;
        previousDelta = delta;
        delta += growth;
    }

    /** The number that the receiver is to see instead of the sender's. */
    int sequence(int sender) {
        return sender + (sender - initial > 0 ? delta : previousDelta);
    }

    /**
     * The acknowledgement that the sender is to see instead of the receiver's. A part of the
     * replaced segment is as good as nothing of it: nobody can say which bytes that would be.
     */
    int acknowledgement(int receiver) {
        int start = initial + previousDelta;
        if (receiver - start <= 0) {
            return receiver - previousDelta;
        }
        return receiver - (initial + length + delta) >= 0 ? receiver - delta : initial;
    }
}
