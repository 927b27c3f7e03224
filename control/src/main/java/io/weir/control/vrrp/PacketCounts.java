package io.weir.control.vrrp;

import java.util.StringJoiner;

/** Counts what came and went. Owned by the failover thread. */
final class PacketCounts {
    private final long[] refused = new long[Refusal.values().length];
    private long received;
    private long sent;
    private long notSent;

    void countReceived() {
        received++;
    }

    /** Counts a packet that was sent, or that the machine would not send. */
    void countSent(boolean done) {
        if (done) {
            sent++;
        } else {
            notSent++;
        }
    }

    /** Counts a packet that was not taken; returns how many for this reason there have been. */
    long count(Refusal reason) {
        return ++refused[reason.ordinal()];
    }

    long received() {
        return received;
    }

    long sent() {
        return sent;
    }

    long refused(Refusal reason) {
        return refused[reason.ordinal()];
    }

    /** Those that are not zero, as in "received 12, sent 3, refused: checksum 1". */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ");
        text.add("received " + received).add("sent " + sent);
        if (notSent > 0) {
            text.add("not sent " + notSent);
        }
        StringJoiner reasons = new StringJoiner(", ", "refused: ", "").setEmptyValue("");
        for (Refusal reason : Refusal.values()) {
            if (refused(reason) > 0) {
                reasons.add(reason.text() + " " + refused(reason));
            }
        }
        if (reasons.length() > 0) {
            text.add(reasons.toString());
        }
        return text.toString();
    }
}
