package io.weir.control.heartbeat;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The authenticated heartbeat, in network byte order.
 *
 * <pre>
 *  0               4       5       6               8
 * +---------------+-------+-------+---------------+-------------------------------+
 * |  magic 'WHB1' | state | role  |       0       |      session, 8 bytes         |
 * +---------------+-------+-------+---------------+-------------------------------+
 * |      sequence, 8 bytes        |     challenge, 8 bytes        | echo, 8 bytes |
 * +-------------------------------+-------------------------------+---------------+
 * |                   HMAC-SHA-256 of all before, 32 bytes                        |
 * +-------------------------------------------------------------------------------+
 * </pre>
 *
 * @param running the sender is active (state 1, else 0)
 * @param primary the sender is the pair's primary (role 1, else 2)
 * @param session a random number that the sender drew when it started
 * @param sequence grows with each datagram of a session
 * @param challenge what the receiver is to echo
 * @param echo the receiver's challenge as the sender knows it, 0 if it knows none
 */
record SealedMessage(
        boolean running, boolean primary, long session, long sequence, long challenge, long echo) {
    static final int BYTES = 72;

    private static final int MAGIC = 0x57484231; // WHB1
    private static final int SEALED_BYTES = 40;
    private static final String ALGORITHM = "HmacSHA256";

    /** A key made ready; used by one thread at a time. */
    static final class Key {
        private final Mac mac;

        /**
         * Takes the secret's bytes.
         *
         * @throws IllegalStateException on a platform without HMAC-SHA-256, which every Java has
         */
        Key(byte[] secret) {
            try {
                mac = Mac.getInstance(ALGORITHM);
                mac.init(new SecretKeySpec(secret, ALGORITHM));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java has no " + ALGORITHM, e);
            }
        }

        private byte[] code(byte[] message) {
            mac.update(message, 0, SEALED_BYTES);
            return mac.doFinal();
        }
    }

    /** Tells whether a datagram has the form of one, whoever made it. */
    static boolean isOne(byte[] datagram) {
        return datagram.length == BYTES && ByteBuffer.wrap(datagram).getInt() == MAGIC;
    }

    byte[] toBytes(Key key) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putInt(MAGIC);
        bytes.put((byte) (running ? 1 : 0));
        bytes.put((byte) (primary ? 1 : 2));
        bytes.putShort((short) 0);
        bytes.putLong(session).putLong(sequence).putLong(challenge).putLong(echo);
        byte[] message = bytes.array();
        byte[] code = key.code(message);
        System.arraycopy(code, 0, message, SEALED_BYTES, code.length);
        return message;
    }

    /** Reads a datagram that has the form; null if its code is wrong, or what is in it. */
    static @Nullable SealedMessage read(byte[] datagram, Key key) {
        byte[] code = Arrays.copyOfRange(datagram, SEALED_BYTES, BYTES);
        if (!MessageDigest.isEqual(code, key.code(datagram))) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(datagram);
        int state = bytes.get(4);
        int role = bytes.get(5);
        if (state < 0 || state > 1 || role < 1 || role > 2 || bytes.getShort(6) != 0) {
            return null;
        }
        return new SealedMessage(
                state == 1,
                role == 1,
                bytes.getLong(8),
                bytes.getLong(16),
                bytes.getLong(24),
                bytes.getLong(32));
    }
}
