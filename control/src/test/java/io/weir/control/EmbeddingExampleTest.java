package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** How a test lab embeds weir: no root, no network, no kernel feature. */
class EmbeddingExampleTest {
    private static final String RULES =
            """
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m -w 1
            -a -t 10.1.0.100:80 -r 10.2.0.12:8080 -m -w 1
            """;

    private static final String IPV6_RULES =
            """
            -A -t [fd01::100]:80 -s rr
            -a -t [fd01::100]:80 -r [fd02::b]:8080 -m -w 1
            """;

    private static final String CLIENT_MAC = "02:00:00:00:00:01";
    private static final String SERVER_MAC = "02:00:00:00:01:01";

    @Test
    void balancesAConversation() {
        try (Balancer balancer = Balancer.builder().rules(RULES).build()) {
            MemoryLink clients =
                    balancer.attachMemory("cli", 0x020000000002L, "10.1.0.1/24", "10.1.0.100/32");
            MemoryLink servers = balancer.attachMemory("srv", 0x020000000102L, "10.2.0.1/24");
            balancer.neighbour(clients, "10.1.0.11", 0x020000000001L);
            balancer.neighbour(servers, "10.2.0.12", 0x020000000101L);

            clients.inject(Frames.tcp().from("10.1.0.11", 4000).to("10.1.0.100", 80).syn().bytes());
            balancer.runOnce();
            assertThat(FrameWords.frame(servers.poll()))
                    .contains("10.1.0.11:4000 > 10.2.0.12:8080");

            servers.inject(
                    Frames.tcp()
                            .macs("02:00:00:00:01:01", "02:00:00:00:01:02")
                            .from("10.2.0.12", 8080)
                            .to("10.1.0.11", 4000)
                            .syn()
                            .ack(1)
                            .bytes());
            balancer.runOnce();
            assertThat(FrameWords.frame(clients.poll())).contains("10.1.0.100:80 > 10.1.0.11:4000");
            assertThat(balancer.ipvsadm("-Lnc").output()).contains("SYN_RECV");
            assertThat(balancer.drops()).isEmpty();
        }
    }

    /** Nobody tells the balancer where its neighbours are: it asks, and they answer. */
    @Test
    void balancesAnIpv6ConversationWithNeighboursToFind() {
        try (Balancer balancer = Balancer.builder().rules(IPV6_RULES).build()) {
            MemoryLink clients =
                    balancer.attachMemory("cli", 0x020000000002L, "fd01::1/64", "fd01::100/128");
            MemoryLink servers = balancer.attachMemory("srv", 0x020000000102L, "fd02::1/64");

            clients.inject(Frames.tcp().from("fd01::b", 4000).to("fd01::100", 80).syn().bytes());
            balancer.runOnce();
            // The request waits for the server's Ethernet address.
            assertThat(FrameWords.frame(servers.poll())).contains("fd02::1 > ff02::1:ff00:b icmp");
            servers.inject(advertisement("fd02::b", SERVER_MAC, "fd02::1", "02:00:00:00:01:02"));
            balancer.runOnce();
            assertThat(FrameWords.frame(servers.poll()))
                    .startsWith("02:00:00:00:01:02 > " + SERVER_MAC)
                    .contains("[fd01::b]:4000 > [fd02::b]:8080");

            servers.inject(
                    Frames.tcp()
                            .macs(SERVER_MAC, "02:00:00:00:01:02")
                            .from("fd02::b", 8080)
                            .to("fd01::b", 4000)
                            .syn()
                            .ack(1)
                            .bytes());
            balancer.runOnce();
            assertThat(FrameWords.frame(clients.poll())).contains("fd01::1 > ff02::1:ff00:b icmp");
            clients.inject(advertisement("fd01::b", CLIENT_MAC, "fd01::1", "02:00:00:00:00:02"));
            balancer.runOnce();
            assertThat(FrameWords.frame(clients.poll()))
                    .startsWith("02:00:00:00:00:02 > " + CLIENT_MAC)
                    .contains("[fd01::100]:80 > [fd01::b]:4000");
            assertThat(balancer.ipvsadm("-Lnc").output()).contains("SYN_RECV").contains("fd02::b");
        }
    }

    /** What a neighbour says when it is asked for its Ethernet address (RFC 4861 section 4.4). */
    private static byte[] advertisement(String address, String mac, String to, String toMac) {
        byte[] targetAndItsMac =
                ByteBuffer.allocate(24)
                        .put(IpAddress.parse(address).toBytes())
                        .putShort((short) 0x0201)
                        .put(HexFormat.ofDelimiter(":").parseHex(mac))
                        .array();
        return Frames.icmp(136, 0, 0x6000_0000)
                .macs(mac, toMac)
                .from(address)
                .to(to)
                .ttl(255)
                .payload(targetAndItsMac)
                .bytes();
    }
}
