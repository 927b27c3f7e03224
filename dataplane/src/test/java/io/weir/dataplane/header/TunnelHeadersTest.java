package io.weir.dataplane.header;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.HexFormat;

/** GRE and GUE headers against the bytes of recorded packets. */
class TunnelHeadersTest {
    private final NativeBlock block = new NativeBlock(16);
    private final long at = block.address();

    TunnelHeadersTest() {
        Memory.fill(at, 16, (byte) 0xff);
    }

    @AfterEach
    void free() {
        block.close();
    }

    private String bytes(int count) {
        return HexFormat.of().formatHex(Memory.bytes(at, count));
    }

    @Test
    void writesGreWithoutChecksum() {
        Gre.write(at, Ethernet.TYPE_IPV4); // recorded: fwd-gre-tcp-1
        assertThat(bytes(6)).isEqualTo("00000800ffff");
        assertThat(Gre.checksumPresent(at)).isFalse();
        assertThat(Gre.protocolType(at)).isEqualTo(Ethernet.TYPE_IPV4);
    }

    @Test
    void writesGreWithChecksum() {
        Gre.writeWithChecksum(at, Ethernet.TYPE_IPV4); // recorded: fwd-grecsum-tcp-1
        Gre.setChecksum(at, 0x7770);
        assertThat(bytes(10)).isEqualTo("8000080077700000ffff");
        assertThat(Gre.checksumPresent(at)).isTrue();
        assertThat(Gre.checksum(at)).isEqualTo(0x7770);
    }

    @Test
    void writesGue() {
        Gue.write(at, Ipv4.PROTOCOL_IPIP); // recorded: fwd-gue-tcp-1
        assertThat(bytes(6)).isEqualTo("00040000ffff");
        Gue.write(at, Ipv4.PROTOCOL_IPV6);
        assertThat(Gue.protocol(at)).isEqualTo(41);
    }
}
