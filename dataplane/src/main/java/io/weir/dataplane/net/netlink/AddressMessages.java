package io.weir.dataplane.net.netlink;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bodies of messages that change the addresses of interfaces (struct ifaddrmsg and its
 * attributes, linux/if_addr.h), and the mark by which weir's own are known.
 */
final class AddressMessages {
    /**
     * IFA_PROTO of weir's addresses: who put it there. The kernel keeps it and has no use for it.
     */
    static final int MARK = 'w';

    private static final int HEADER_BYTES = 8;
    private static final int ATTRIBUTE_HEADER_BYTES = 4;
    private static final int MAX_BYTES = 112;

    private static final int IFA_ADDRESS = 1;
    private static final int IFA_LOCAL = 2;
    private static final int IFA_LABEL = 3;
    private static final int IFA_BROADCAST = 4;
    private static final int IFA_CACHEINFO = 6;
    private static final int IFA_FLAGS = 8;
    private static final int IFA_PROTO = 11;

    private static final int IFA_F_NODAD = 0x02;

    /** IFNAMSIZ without its zero byte. */
    private static final int LABEL_BYTES = 15;

    /** Networks with longer prefixes have no broadcast address (RFC 3021). */
    private static final int LONGEST_WITH_BROADCAST = 30;

    private AddressMessages() {}

    /**
     * Puts an address on, or extends its life.
     *
     * <p>An IPv6 address is put on without a look for duplicates, which would take a second and
     * find the router that it is taken over from. It is deprecated from birth, so that the host's
     * own connections, health checks among them, do not come from it.
     *
     * @param lifetimeSeconds how long the kernel keeps it
     */
    static byte[] put(HostAddress on, int lifetimeSeconds) {
        ByteBuffer body = start(on);
        IpAddress address = on.address();
        if (address.ipv6()) {
            number(body, IFA_FLAGS, IFA_F_NODAD);
        } else {
            IpAddress broadcast = broadcast(address, on.prefixLength());
            if (broadcast != null) {
                attribute(body, IFA_BROADCAST, broadcast.toBytes());
            }
            byte[] label = label(on.label());
            if (label.length > 0) {
                attribute(body, IFA_LABEL, Arrays.copyOf(label, label.length + 1));
            }
        }
        ByteBuffer life = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
        life.putInt(address.ipv6() ? 0 : lifetimeSeconds).putInt(lifetimeSeconds);
        attribute(body, IFA_CACHEINFO, life.array());
        attribute(body, IFA_PROTO, new byte[] {MARK});
        return bytes(body);
    }

    /** Takes an address off. */
    static byte[] remove(HostAddress from) {
        return bytes(start(from));
    }

    /** The address that a NEW_ADDRESS message tells of, if it has weir's mark. */
    static @Nullable HostAddress marked(ByteBuffer body) {
        if (body.limit() < HEADER_BYTES) {
            return null;
        }
        Attributes attributes = new Attributes(body, HEADER_BYTES);
        ByteBuffer mark = attributes.bytes(IFA_PROTO);
        IpAddress address = attributes.address(IFA_LOCAL);
        if (address == null) {
            address = attributes.address(IFA_ADDRESS);
        }
        if (address == null || mark == null || mark.limit() < 1 || mark.get(0) != MARK) {
            return null;
        }
        String label = attributes.text(IFA_LABEL);
        return new HostAddress(
                body.getInt(4),
                address,
                Byte.toUnsignedInt(body.get(1)),
                label.isEmpty() ? null : label);
    }

    /** What ifconfig would set: all ones behind the prefix. */
    static @Nullable IpAddress broadcast(IpAddress address, int prefixLength) {
        return prefixLength > LONGEST_WITH_BROADCAST
                ? null
                : IpAddress.v4(address.v4() | (int) (0xffff_ffffL >>> prefixLength));
    }

    // The kernel refuses a longer label; without one it takes the interface's name.
    private static byte[] label(@Nullable String label) {
        byte[] bytes = (label == null ? "" : label).getBytes(StandardCharsets.UTF_8);
        return bytes.length > LABEL_BYTES ? new byte[0] : bytes;
    }

    private static ByteBuffer start(HostAddress subject) {
        ByteBuffer body = ByteBuffer.allocate(MAX_BYTES).order(ByteOrder.nativeOrder());
        boolean ipv6 = subject.address().ipv6();
        body.put((byte) (ipv6 ? RouteMessages.AF_INET6 : RouteMessages.AF_INET));
        body.put((byte) subject.prefixLength());
        body.put((byte) 0); // flags, which an attribute has if there are any
        body.put((byte) 0); // the scope: universe
        body.putInt(subject.linkIndex());
        byte[] address = subject.address().toBytes();
        attribute(body, IFA_LOCAL, address);
        attribute(body, IFA_ADDRESS, address);
        return body;
    }

    private static void number(ByteBuffer body, int type, int value) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
        attribute(body, type, bytes.putInt(value).array());
    }

    private static void attribute(ByteBuffer body, int type, byte[] value) {
        int start = body.position();
        body.putShort((short) (ATTRIBUTE_HEADER_BYTES + value.length));
        body.putShort((short) type);
        body.put(value);
        body.position(start + NetlinkMessage.align(ATTRIBUTE_HEADER_BYTES + value.length));
    }

    private static byte[] bytes(ByteBuffer body) {
        byte[] bytes = new byte[body.position()];
        body.get(0, bytes);
        return bytes;
    }
}
