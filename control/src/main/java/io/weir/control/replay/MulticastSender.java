package io.weir.control.replay;

import io.weir.control.frame.FrameBytes;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.sync.SyncDaemon;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Puts datagrams for a group into frames as a host's network stack does: in several fragments where
 * they are longer than the link's MTU.
 */
final class MulticastSender {
    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int IPV6 = 40;
    private static final int FRAGMENT = 8;
    private static final int NEXT_FRAGMENT = 44;
    private static final int MORE_FRAGMENTS = 0x2000;

    private final Link link;
    private final IpAddress source;
    private final int sourcePort;
    private final SyncDaemon daemon;
    private int identification;

    /**
     * A sender.
     *
     * @param link the interface it sends on
     * @param source the interface's address
     * @param daemon whose group and hop limit are used
     */
    MulticastSender(Link link, IpAddress source, int sourcePort, SyncDaemon daemon) {
        this.link = link;
        this.source = source;
        this.sourcePort = sourcePort;
        this.daemon = daemon;
    }

    /** The frames of a datagram. */
    List<byte[]> frames(int port, byte[] message) {
        byte[] transport = UdpDatagram.transport(source, sourcePort, daemon.group(), port, message);
        identification = identification + 1 & 0xffff;
        int header = source.ipv6() ? IPV6 : IPV4;
        if (header + transport.length <= link.mtu()) {
            return List.of(frame(transport, 0, transport.length, 0, false));
        }
        int most = link.mtu() - header - (source.ipv6() ? FRAGMENT : 0) & ~7;
        List<byte[]> frames = new ArrayList<>();
        for (int from = 0; from < transport.length; from += most) {
            int to = Math.min(transport.length, from + most);
            int more = to < transport.length ? 1 : 0;
            frames.add(frame(transport, from, to, more, true));
        }
        return frames;
    }

    private byte[] frame(byte[] transport, int from, int to, int more, boolean fragment) {
        byte[] part = Arrays.copyOfRange(transport, from, to);
        return source.ipv6() ? ipv6(part, from, more, fragment) : ipv4(part, from, more);
    }

    private byte[] ipv4(byte[] part, int offset, int more) {
        byte[] frame = new byte[ETHERNET + IPV4 + part.length];
        // RFC 1112 6.4
        ethernet(frame, 0x0100_5e00_0000L | (daemon.group().low() & 0x7f_ffff), 0x0800);
        int ip = ETHERNET;
        frame[ip] = 0x45;
        FrameBytes.putU16(frame, ip + 2, IPV4 + part.length);
        FrameBytes.putU16(frame, ip + 4, identification);
        FrameBytes.putU16(frame, ip + 6, more * MORE_FRAGMENTS | offset >> 3);
        frame[ip + 8] = (byte) daemon.ttl();
        frame[ip + 9] = UdpDatagram.PROTOCOL;
        System.arraycopy(source.toBytes(), 0, frame, ip + 12, 4);
        System.arraycopy(daemon.group().toBytes(), 0, frame, ip + 16, 4);
        FrameBytes.putU16(frame, ip + 10, FrameBytes.checksum(frame, ip, ip + IPV4));
        System.arraycopy(part, 0, frame, ip + IPV4, part.length);
        return frame;
    }

    private byte[] ipv6(byte[] part, int offset, int more, boolean fragment) {
        int extension = fragment ? FRAGMENT : 0;
        byte[] frame = new byte[ETHERNET + IPV6 + extension + part.length];
        // RFC 2464 section 7
        ethernet(frame, 0x3333_0000_0000L | (daemon.group().low() & 0xffff_ffffL), 0x86dd);
        int ip = ETHERNET;
        frame[ip] = 0x60;
        FrameBytes.putU16(frame, ip + 4, extension + part.length);
        frame[ip + 6] = (byte) (fragment ? NEXT_FRAGMENT : UdpDatagram.PROTOCOL);
        frame[ip + 7] = (byte) daemon.ttl();
        System.arraycopy(source.toBytes(), 0, frame, ip + 8, 16);
        System.arraycopy(daemon.group().toBytes(), 0, frame, ip + 24, 16);
        if (fragment) {
            frame[ip + IPV6] = UdpDatagram.PROTOCOL;
            FrameBytes.putU16(frame, ip + IPV6 + 2, offset | more);
            FrameBytes.putU16(frame, ip + IPV6 + 6, identification);
        }
        System.arraycopy(part, 0, frame, ip + IPV6 + extension, part.length);
        return frame;
    }

    private void ethernet(byte[] frame, long destination, int type) {
        FrameBytes.putMac(frame, 0, destination);
        FrameBytes.putMac(frame, 6, link.mac());
        FrameBytes.putU16(frame, 12, type);
    }
}
