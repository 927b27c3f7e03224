package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

/** How a test lab embeds weir: no root, no network, no kernel feature. */
class EmbeddingExampleTest {
    private static final String RULES =
            """
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.11:8080 -m -w 1
            -a -t 10.1.0.100:80 -r 10.2.0.12:8080 -m -w 1
            """;

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
}
