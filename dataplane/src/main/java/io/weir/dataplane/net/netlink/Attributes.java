package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The attributes (struct rtattr) of a message by their type. Later ones of a type win. */
final class Attributes {
    private static final int HEADER_BYTES = 4;

    /** Types above this are none of ours. */
    private static final int LAST_TYPE = 63;

    /** The flags NLA_F_NESTED and NLA_F_NET_BYTEORDER share the field with the type. */
    private static final int TYPE_MASK = 0x3fff;

    private static final int MAC_BYTES = 6;

    private final @Nullable ByteBuffer[] values = new ByteBuffer[LAST_TYPE + 1];

    /** Reads attributes from an offset on; stops before the first whose length is a lie. */
    Attributes(ByteBuffer message, int offset) {
        int at = offset;
        while (at + HEADER_BYTES <= message.limit()) {
            int length = Short.toUnsignedInt(message.getShort(at));
            int type = message.getShort(at + 2) & TYPE_MASK;
            if (length < HEADER_BYTES || length > message.limit() - at) {
                return;
            }
            if (type <= LAST_TYPE) {
                values[type] =
                        message.slice(at + HEADER_BYTES, length - HEADER_BYTES)
                                .order(ByteOrder.nativeOrder());
            }
            at += NetlinkMessage.align(length);
        }
    }

    /** The bytes of an attribute, or null if it is missing. */
    @Nullable ByteBuffer bytes(int type) {
        return values[type];
    }

    /** A 32-bit number, or the other value if it is missing or short. */
    int number(int type, int otherwise) {
        ByteBuffer value = values[type];
        return value == null || value.limit() < Integer.BYTES ? otherwise : value.getInt(0);
    }

    /** An address of 4 or 16 bytes, or null if it is missing or of another length. */
    @Nullable IpAddress address(int type) {
        ByteBuffer value = values[type];
        return value == null ? null : address(value, 0);
    }

    /** The address that fills the buffer from an offset on. */
    static @Nullable IpAddress address(ByteBuffer value, int offset) {
        int length = value.limit() - offset;
        if (length != 4 && length != 16) {
            return null;
        }
        byte[] bytes = new byte[length];
        value.get(offset, bytes);
        return IpAddress.of(bytes);
    }

    /** An Ethernet address in the low 48 bits, or -1 if it is missing or of another length. */
    long mac(int type) {
        ByteBuffer value = values[type];
        if (value == null || value.limit() != MAC_BYTES) {
            return -1;
        }
        long mac = 0;
        for (int i = 0; i < MAC_BYTES; i++) {
            mac = mac << 8 | (value.get(i) & 0xff);
        }
        return mac;
    }

    /** Text up to its zero byte, or an empty string. */
    String text(int type) {
        ByteBuffer value = values[type];
        if (value == null) {
            return "";
        }
        byte[] bytes = new byte[value.limit()];
        value.get(0, bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }
}
