package io.weir.control.heartbeat;

import java.util.function.LongSupplier;

/**
 * Authenticated heartbeats that cannot be replayed, without clocks and without files.
 *
 * <p>A router counts only what echoes its own latest challenge, a random number of this process:
 * recordings of an earlier life do not. Within the partner's session, sequence numbers must grow:
 * recordings of this life do not. When a partner restarts, its new session is believed only once it
 * echoes the challenge, which is then replaced, so that nothing of the old session is ever believed
 * again. Whoever does not echo it yet, and has the key, is answered so that it can.
 */
final class HmacSeal implements Seal {
    /** Datagrams of two paths overtake each other by no more than this. */
    private static final int LATE_SEQUENCES = 16;

    private final SealedMessage.Key key;
    private final boolean primary;
    private final LongSupplier random;
    private final long session;
    private long sequence;
    private long challenge;

    // In messages of the partner's session that were under way when the challenge changed.
    private long challengeBefore;

    private boolean acquainted;
    private long partnerSession;
    private long partnerSequence;
    private long partnerChallenge;

    /** The challenge of the latest greeting, to be echoed to its sender alone. */
    private long greetingChallenge;

    /**
     * Begins a session.
     *
     * @param primary this router's role
     * @param random numbers that nobody can guess
     */
    HmacSeal(SealedMessage.Key key, boolean primary, LongSupplier random) {
        this.key = key;
        this.primary = primary;
        this.random = random;
        this.session = draw();
        this.challenge = draw();
    }

    // 0 means that there is none.
    private long draw() {
        long number;
        do {
            number = random.getAsLong();
        } while (number == 0);
        return number;
    }

    @Override
    public byte[] seal(boolean running) {
        return message(running, acquainted ? partnerChallenge : greetingChallenge);
    }

    @Override
    public byte[] answer(boolean running) {
        return message(running, greetingChallenge);
    }

    private byte[] message(boolean running, long echo) {
        sequence++;
        return new SealedMessage(running, primary, session, sequence, challenge, echo).toBytes(key);
    }

    @Override
    public Opened open(byte[] datagram) {
        if (!SealedMessage.isOne(datagram)) {
            return Opened.refused(
                    datagram.length == PulseMessage.BYTES
                            ? Refusal.UNAUTHENTICATED
                            : Refusal.MALFORMED);
        }
        SealedMessage message = SealedMessage.read(datagram, key);
        if (message == null) {
            return Opened.refused(Refusal.FORGED);
        }
        if (message.primary() == primary) {
            return Opened.refused(Refusal.OWN_ROLE);
        }
        boolean known = acquainted && message.session() == partnerSession;
        if (known && message.sequence() <= partnerSequence) {
            boolean late = partnerSequence - message.sequence() < LATE_SEQUENCES;
            return Opened.refused(late ? Refusal.LATE : Refusal.REPLAYED);
        }
        if (message.echo() == challenge || (known && message.echo() == challengeBefore)) {
            accept(message, known);
            return Opened.heartbeat(message.running());
        }
        greetingChallenge = message.challenge();
        return Opened.greeted();
    }

    private void accept(SealedMessage message, boolean known) {
        if (!known) {
            acquainted = true;
            partnerSession = message.session();
            challengeBefore = challenge;
            challenge = draw();
        }
        partnerSequence = message.sequence();
        partnerChallenge = message.challenge();
    }
}
