package io.weir.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.FrameWords;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Objects;

/** An SCTP association over IPv6 through NAT, and one that nobody knows. */
class SctpOverIpv6Test {
    private static final String CLIENT = "fd01::b";
    private static final String VIP = "fd01::100";
    private static final String SERVER = "fd02::b";
    private static final String RULES =
            """
            -A --sctp-service [fd01::100]:2905 -s rr
            -a --sctp-service [fd01::100]:2905 -r [fd02::b]:3905 -m -w 1
            """;

    private final Balancer balancer = Balancer.builder().rules(RULES).build();
    private MemoryLink cli;
    private MemoryLink srv;

    @BeforeEach
    void network() {
        cli = balancer.attachMemory("cli", 0x0200_0000_0001L, "fd01::1/64", "fd01::100/128");
        srv = balancer.attachMemory("srv", 0x0200_0000_0002L, "fd02::1/64");
        balancer.neighbour(cli, CLIENT, 0x0200_0000_010bL);
        balancer.neighbour(srv, SERVER, 0x0200_0000_020bL);
    }

    @AfterEach
    void close() {
        balancer.close();
    }

    private static FrameBuilder toVip() {
        return Frames.sctp()
                .from(CLIENT, 4000)
                .to(VIP, 2905)
                .macs("02:00:00:00:01:0b", "02:00:00:00:00:01");
    }

    private String pass(MemoryLink in, FrameBuilder packet, MemoryLink out) {
        assertThat(in.inject(packet.bytes())).isTrue();
        balancer.runOnce();
        return FrameWords.frame(Objects.requireNonNull(out.poll(), "nothing left"));
    }

    @Test
    void isTranslatedBothWays() {
        assertThat(pass(cli, toVip().initChunk(1, 7).wrongChecksum(), srv))
                .contains("[fd01::b]:4000 > [fd02::b]:3905 sctp tag 0 chunk 1")
                .doesNotContain("bad-checksum");
        FrameBuilder answer =
                Frames.sctp()
                        .from(SERVER, 3905)
                        .to(CLIENT, 4000)
                        .verificationTag(7)
                        .initChunk(2, 8)
                        .macs("02:00:00:00:02:0b", "02:00:00:00:00:02");
        assertThat(pass(srv, answer, cli))
                .contains("[fd01::100]:2905 > [fd01::b]:4000 sctp tag 7 chunk 2")
                .doesNotContain("bad-checksum");
        assertThat(balancer.ipvsadm("-Lnc").output()).contains("SCTP 01:0", "C-SENT");
    }

    @Test
    void isAbortedIfNobodyKnowsIt() {
        assertThat(pass(cli, toVip().verificationTag(9).chunk(0), cli))
                .contains("[fd01::100]:2905 > [fd01::b]:4000 sctp tag 9 chunk 6")
                .doesNotContain("bad-checksum");
    }
}
