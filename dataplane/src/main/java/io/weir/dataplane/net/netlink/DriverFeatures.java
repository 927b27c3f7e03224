package io.weir.dataplane.net.netlink;

import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What an interface's driver can do by XDP, as the kernel's generic netlink family "netdev" tells
 * (Linux 6.3, Documentation/netlink/specs/netdev.yaml). Asks in the calling thread's network
 * namespace.
 */
public final class DriverFeatures {
    private static final int CONTROL_FAMILY = 0x10;
    private static final int GET_FAMILY = 3;
    private static final int FAMILY_ID = 1;
    private static final int FAMILY_NAME = 2;
    private static final int GET_DEVICE = 1;
    private static final int INTERFACE_INDEX = 1;
    private static final int XDP_FEATURES = 3;
    private static final long SENDS_REDIRECTED = 1 << 2;

    private static final int GENERIC_HEADER_BYTES = 4;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;

    private DriverFeatures() {}

    /**
     * Whether an interface sends what a program at another driver redirects to it. At other
     * interfaces that is lost.
     *
     * @return false also where the kernel does not tell
     */
    public static boolean sendsRedirected(int linkIndex) throws SystemCallException {
        String purpose = "ask what the driver of interface " + linkIndex + " can do";
        try (NetlinkSocket socket = NetlinkSocket.generic(purpose)) {
            byte[] name = "netdev\0".getBytes(StandardCharsets.US_ASCII);
            Attributes family = ask(socket, CONTROL_FAMILY, request(GET_FAMILY, FAMILY_NAME, name));
            ByteBuffer id = family == null ? null : family.bytes(FAMILY_ID);
            if (id == null || id.limit() < Short.BYTES) {
                return false;
            }
            byte[] index =
                    ByteBuffer.allocate(Integer.BYTES)
                            .order(ByteOrder.nativeOrder())
                            .putInt(linkIndex)
                            .array();
            Attributes device =
                    ask(
                            socket,
                            Short.toUnsignedInt(id.getShort(0)),
                            request(GET_DEVICE, INTERFACE_INDEX, index));
            ByteBuffer features = device == null ? null : device.bytes(XDP_FEATURES);
            return features != null
                    && features.limit() >= Long.BYTES
                    && (features.getLong(0) & SENDS_REDIRECTED) != 0;
        }
    }

    private static byte[] request(int command, int attribute, byte[] value) {
        int length = ATTRIBUTE_HEADER_BYTES + value.length;
        return ByteBuffer.allocate(GENERIC_HEADER_BYTES + NetlinkMessage.align(length))
                .order(ByteOrder.nativeOrder())
                .put((byte) command)
                .put((byte) 1) // the family's version
                .putShort((short) 0)
                .putShort((short) length)
                .putShort((short) attribute)
                .put(value)
                .array();
    }

    private static @Nullable Attributes ask(NetlinkSocket socket, int family, byte[] body)
            throws SystemCallException {
        NetlinkMessage answer = socket.ask(family, body);
        return answer == null ? null : new Attributes(answer.body(), GENERIC_HEADER_BYTES);
    }
}
