package io.weir.dataplane.net.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.Route;

import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Any bytes from a netlink socket are taken apart message by message; each has an end. */
class RouteMessagesFuzzTest {
    static Stream<byte[]> seeds() {
        return Stream.of(
                message(RouteMessages.NEW_LINK, 16, new int[][] {{3, 0x30687465, 0}, {4, 1500}}),
                message(RouteMessages.NEW_ADDRESS, 8, new int[][] {{1, 0x0100010a}, {2, 1}}),
                message(RouteMessages.NEW_ROUTE, 12, new int[][] {{1, 10}, {5, 11}, {4, 2}}),
                message(
                        RouteMessages.NEW_ROUTE,
                        12,
                        new int[][] {{15, 254}, {9, 0x10, 1, 0x50008, 7}, {18, 2, 0x0a010001}}),
                message(RouteMessages.NEW_NEIGHBOUR, 12, new int[][] {{1, 10}, {2, 1, 2}}),
                message(NetlinkMessage.ERROR, 4, new int[0][]));
    }

    // Words of 4 bytes behind the type of each attribute.
    private static byte[] message(int type, int bodyBytes, int[][] attributes) {
        ByteBuffer message = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
        message.position(NetlinkMessage.HEADER_BYTES);
        message.put(new byte[bodyBytes]);
        message.put(NetlinkMessage.HEADER_BYTES, (byte) (bodyBytes == 16 ? 0 : 2));
        if (bodyBytes == 12) {
            message.put(NetlinkMessage.HEADER_BYTES + 4, (byte) 254);
            message.put(NetlinkMessage.HEADER_BYTES + 7, (byte) 1);
        }
        for (int[] attribute : attributes) {
            message.putShort((short) (4 * attribute.length)).putShort((short) attribute[0]);
            for (int i = 1; i < attribute.length; i++) {
                message.putInt(attribute[i]);
            }
        }
        message.putInt(0, message.position()).putShort(4, (short) type);
        byte[] bytes = new byte[message.position()];
        message.get(0, bytes);
        return bytes;
    }

    @MethodSource("seeds")
    @FuzzTest
    void takesMessagesApart(byte[] received) {
        ByteBuffer buffer = ByteBuffer.wrap(received);
        int before = 0;
        for (NetlinkMessage message = NetlinkMessage.next(buffer);
                message != null;
                message = NetlinkMessage.next(buffer)) {
            assertThat(buffer.position())
                    .isBetween(before + NetlinkMessage.HEADER_BYTES, received.length);
            before = buffer.position();
            message.errno();
            take(message);
        }
    }

    private static void take(NetlinkMessage message) {
        ByteBuffer body = message.body();
        switch (message.type()) {
            case RouteMessages.NEW_LINK -> {
                Link link = RouteMessages.link(body);
                if (link != null) {
                    assertThat(link.name()).doesNotContain("\0");
                    assertThat(link.mac()).isBetween(0L, 0xffff_ffff_ffffL);
                }
            }
            case RouteMessages.NEW_ADDRESS -> {
                LinkAddress address = RouteMessages.address(body);
                assertThat(address == null || address.address() != null).isTrue();
            }
            case RouteMessages.NEW_ROUTE -> {
                List<Route> routes = new ArrayList<>();
                RouteMessages.routes(body, routes);
                assertThat(routes.size()).isLessThanOrEqualTo(Math.max(1, body.limit() / 8));
            }
            case RouteMessages.NEW_NEIGHBOUR, RouteMessages.DELETE_NEIGHBOUR -> {
                RouteMessages.Neighbour neighbour = RouteMessages.neighbour(message.type(), body);
                if (neighbour != null) {
                    assertThat(neighbour.entry().mac()).isBetween(0L, 0xffff_ffff_ffffL);
                }
            }
            default -> {}
        }
    }
}
