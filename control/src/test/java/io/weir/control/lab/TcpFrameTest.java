package io.weir.control.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.TcpPacket;

/** Frames of simulated hosts are what an independent decoder takes them for. */
final class TcpFrameTest {
    private static final TcpFrame FRAME =
            new TcpFrame(
                    0x0200_0000_0010L,
                    0x0200_0000_0001L,
                    0x0a010002,
                    0x0a010064,
                    40_001,
                    80,
                    0xfffffff0,
                    17,
                    TcpFrame.PSH | TcpFrame.ACK,
                    "odd");

    @Test
    void isWhatPcap4jReads() throws Exception {
        byte[] bytes = FRAME.encode();
        EthernetPacket frame = EthernetPacket.newPacket(bytes, 0, bytes.length);
        assertThat(frame.getHeader().getDstAddr().toString()).isEqualTo("02:00:00:00:00:10");
        IpV4Packet ip = frame.get(IpV4Packet.class);
        TcpPacket tcp = frame.get(TcpPacket.class);
        assertThat(ip.getHeader().hasValidChecksum(false)).isTrue();
        assertThat(
                        tcp.hasValidChecksum(
                                ip.getHeader().getSrcAddr(), ip.getHeader().getDstAddr(), false))
                .isTrue();
        assertThat(tcp.getHeader().getSequenceNumber()).isEqualTo(0xfffffff0);
        assertThat(tcp.getHeader().getPsh() && tcp.getHeader().getAck()).isTrue();
        assertThat(tcp.getPayload().getRawData()).isEqualTo(new byte[] {'o', 'd', 'd'});
    }

    @Test
    void readsWhatItWrites() {
        assertThat(TcpFrame.decode(FRAME.encode())).isEqualTo(FRAME);
    }

    @Test
    void ignoresDamage() {
        byte[] bytes = FRAME.encode();
        for (int i = 14; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 0x10;
            assertThat(TcpFrame.decode(damaged)).as("byte %d", i).isNull();
        }
        assertThat(TcpFrame.decode(new byte[20])).isNull();
    }
}
