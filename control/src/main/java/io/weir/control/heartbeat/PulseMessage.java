package io.weir.control.heartbeat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The heartbeat of Piranha's pulse: one 32-bit number, in the byte order of the machine that sends
 * it. Routers of a pair are of one kind, so ours is the machine's, too.
 */
final class PulseMessage {
    static final int BYTES = 4;

    private static final int RUNNING = 0xBDADDBDA;
    private static final int STOPPED = 0xADBDDABD;

    private PulseMessage() {}

    static byte[] of(boolean running) {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(running ? RUNNING : STOPPED)
                .array();
    }

    /** Reads a datagram. */
    static Opened open(byte[] datagram) {
        if (datagram.length != BYTES) {
            return Opened.refused(
                    SealedMessage.isOne(datagram) ? Refusal.UNEXPECTED : Refusal.MALFORMED);
        }
        return switch (ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder()).getInt()) {
            case RUNNING -> Opened.heartbeat(true);
            case STOPPED -> Opened.heartbeat(false);
            default -> Opened.refused(Refusal.INCOMPATIBLE);
        };
    }
}
