package io.weir.control.vrrp;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/** Makes messages. Stateless. */
final class AdvertisementWriter {
    private AdvertisementWriter() {}

    /**
     * The message of an advertisement whose addresses are of the same family as its source.
     *
     * @param password of version 2, null for none
     * @param pseudoHeader whether the checksum of version 3 over IPv4 covers a pseudo header; over
     *     IPv6 it always does, and in version 2 never
     */
    static byte[] write(
            Advertisement advertisement,
            @Nullable String password,
            boolean pseudoHeader,
            IpAddress source,
            IpAddress destination) {
        int version = advertisement.version();
        int count = advertisement.addresses().size();
        boolean ipv6 = source.ipv6();
        byte[] message = new byte[MessageFormat.messageBytes(version, ipv6, count)];
        message[0] = (byte) (version << 4 | MessageFormat.TYPE_ADVERTISEMENT);
        message[MessageFormat.ROUTER_ID_OFFSET] = (byte) advertisement.routerId();
        message[MessageFormat.PRIORITY_OFFSET] = (byte) advertisement.priority();
        message[MessageFormat.COUNT_OFFSET] = (byte) count;
        int at = MessageFormat.HEADER_BYTES;
        for (IpAddress address : advertisement.addresses()) {
            byte[] bytes = address.toBytes();
            System.arraycopy(bytes, 0, message, at, bytes.length);
            at += bytes.length;
        }
        if (version == 2) {
            message[MessageFormat.SECONDS_OFFSET] =
                    (byte) (advertisement.centiseconds() / Advertisement.CENTISECONDS_PER_SECOND);
            if (password != null) {
                message[MessageFormat.AUTHENTICATION_TYPE_OFFSET] =
                        MessageFormat.AUTHENTICATION_PASSWORD;
                System.arraycopy(
                        passwordField(password), 0, message, at, MessageFormat.PASSWORD_BYTES);
            }
        } else {
            put16(message, MessageFormat.CENTISECONDS_OFFSET, advertisement.centiseconds());
        }
        int checksum =
                version == 3 && (ipv6 || pseudoHeader)
                        ? MessageFormat.checksum(message, source, destination)
                        : MessageFormat.checksum(message);
        put16(message, MessageFormat.CHECKSUM_OFFSET, checksum);
        return message;
    }

    /** A password as it is in a message: cut off or filled up with zeros to 8 bytes. */
    static byte[] passwordField(String password) {
        byte[] field = new byte[MessageFormat.PASSWORD_BYTES];
        byte[] text = password.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(text, 0, field, 0, Math.min(text.length, field.length));
        return field;
    }

    private static void put16(byte[] message, int at, int value) {
        message[at] = (byte) (value >>> 8);
        message[at + 1] = (byte) value;
    }
}
