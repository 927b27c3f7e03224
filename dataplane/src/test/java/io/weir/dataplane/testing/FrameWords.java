package io.weir.dataplane.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A frame in one line, for assertions that a person can read.
 *
 * <p>What is as {@link Frames} would set it is left out; what is wrong is said, checksums included:
 *
 * <pre>
 * 02:00:00:00:00:01 > 02:00:00:00:00:02 10.1.0.11:4000 > 10.1.0.100:80 tcp S seq 1 win 65535
 * </pre>
 */
public final class FrameWords {
    private static final String FLAG_LETTERS = "FSRPAUEC";

    private static final int GRE = 47;

    private final StringBuilder words = new StringBuilder();

    private FrameWords() {}

    /** Describes an Ethernet frame, whatever it holds; never throws. */
    public static String frame(byte[] frame) {
        FrameWords description = new FrameWords();
        if (frame.length < 14) {
            return "truncated frame " + HexFormat.of().formatHex(frame);
        }
        description.add(macText(frame, 6)).add(">").add(macText(frame, 0));
        description.content(u16(frame, 12), Arrays.copyOfRange(frame, 14, frame.length));
        return description.words.toString();
    }

    /** Describes a packet that starts with its IP header, whatever it holds; never throws. */
    public static String packet(byte[] packet) {
        FrameWords description = new FrameWords();
        boolean ipv6 = packet.length > 0 && (packet[0] & 0xf0) == 0x60;
        description.content(ipv6 ? 0x86dd : 0x0800, packet);
        return description.words.toString();
    }

    private FrameWords add(String word) {
        if (!words.isEmpty()) {
            words.append(' ');
        }
        words.append(word);
        return this;
    }

    private void content(int type, byte[] bytes) {
        if (type == 0x0806) {
            arp(bytes);
        } else if (type == 0x0800) {
            ipv4(bytes);
        } else if (type == 0x86dd) {
            ipv6(bytes);
        } else {
            add("type 0x" + Integer.toHexString(type)).add("len " + bytes.length);
        }
    }

    private void arp(byte[] arp) {
        if (arp.length < 28) {
            add("truncated arp");
            return;
        }
        String sender = addressText(arp, 14, 4);
        String target = addressText(arp, 24, 4);
        switch (u16(arp, 6)) {
            case 1 -> add("arp who-has " + target + " tell " + sender);
            case 2 -> add("arp " + sender + " is-at " + macText(arp, 8) + " to " + target);
            default -> add("arp operation " + u16(arp, 6));
        }
    }

    private void ipv4(byte[] ip) {
        int headerBytes = ip.length == 0 ? 0 : (ip[0] & 15) * 4;
        if (ip.length < 20 || headerBytes < 20 || ip.length < headerBytes) {
            add("truncated ipv4");
            return;
        }
        int flags = u16(ip, 6);
        int offset = (flags & 0x1fff) * 8;
        boolean fragment = (flags & 0x3fff) != 0;
        byte[] source = Arrays.copyOfRange(ip, 12, 16);
        byte[] destination = Arrays.copyOfRange(ip, 16, 20);
        int total = u16(ip, 2);
        int end = Math.clamp(total, headerBytes, ip.length);
        byte[] content = Arrays.copyOfRange(ip, headerBytes, end);
        transport(source, destination, ip[9] & 0xff, content, fragment, offset);
        addIf(ip[1] != 0, "tos " + (ip[1] & 0xff));
        addIf(ip[8] != 64, "ttl " + (ip[8] & 0xff));
        addIf(u16(ip, 4) != 0, "id " + u16(ip, 4));
        addIf((flags & 0x4000) != 0, "df");
        addIf(fragment, "fragment " + offset + ((flags & 0x2000) != 0 ? "+" : ""));
        addIf(headerBytes > 20, "options " + (headerBytes - 20));
        addIf(SlowChecksum.sum(Arrays.copyOf(ip, headerBytes)) != 0xffff, "bad-ip-checksum");
        addIf(total != end, "total-length " + total);
        addIf(end < ip.length, "padding " + (ip.length - end));
    }

    private void ipv6(byte[] ip) {
        if (ip.length < 40) {
            add("truncated ipv6");
            return;
        }
        byte[] source = Arrays.copyOfRange(ip, 8, 24);
        byte[] destination = Arrays.copyOfRange(ip, 24, 40);
        int length = u16(ip, 4);
        int end = Math.min(ip.length, 40 + length);
        int next = ip[6] & 0xff;
        boolean fragment = next == FrameBuilder.IPV6_FRAGMENT && end >= 48;
        int flags = fragment ? u16(ip, 42) : 0;
        byte[] content = Arrays.copyOfRange(ip, fragment ? 48 : 40, end);
        next = fragment ? ip[40] & 0xff : next;
        transport(source, destination, next, content, fragment, flags & 0xfff8);
        int trafficClass = u16(ip, 0) >> 4 & 0xff;
        addIf(trafficClass != 0, "tos " + trafficClass);
        addIf(ip[7] != 64, "ttl " + (ip[7] & 0xff));
        addIf(fragment, "fragment " + (flags & 0xfff8) + ((flags & 1) != 0 ? "+" : ""));
        addIf(40 + length != end, "payload-length " + length);
        addIf(end < ip.length, "padding " + (ip.length - end));
    }

    private void transport(
            byte[] from, byte[] to, int protocol, byte[] bytes, boolean fragment, int offset) {
        int minimum =
                switch (protocol) {
                    case FrameBuilder.TCP -> 20;
                    case FrameBuilder.UDP, FrameBuilder.ICMP, FrameBuilder.ICMPV6 -> 8;
                    case FrameBuilder.SCTP -> 12;
                    default -> 0;
                };
        String source = addressText(from, 0, from.length);
        String destination = addressText(to, 0, to.length);
        if (offset > 0 || bytes.length < minimum || minimum == 0) {
            add(source).add(">").add(destination).add(name(protocol));
            addIf(offset == 0 && minimum > 0, "truncated");
            if (offset == 0 && !fragment) {
                inside(protocol, bytes);
            } else if (protocol == 4 && offset == 0) {
                add("[" + packet(bytes) + "]");
            } else {
                add("len " + bytes.length);
            }
            return;
        }
        byte[] pseudo = FrameBuilder.pseudoHeader(from, to, protocol, bytes.length);
        if (protocol == FrameBuilder.ICMP || protocol == FrameBuilder.ICMPV6) {
            add(source).add(">").add(destination);
            icmp(protocol, bytes);
            boolean ipv6 = protocol == FrameBuilder.ICMPV6;
            checksum(ipv6 ? pseudo : new byte[0], bytes, 2, fragment);
            return;
        }
        add(endpoint(source, u16(bytes, 0))).add(">").add(endpoint(destination, u16(bytes, 2)));
        switch (protocol) {
            case FrameBuilder.TCP -> tcp(bytes, pseudo, fragment);
            case FrameBuilder.UDP -> udp(bytes, pseudo, fragment);
            default -> sctp(bytes, fragment);
        }
    }

    private void inside(int protocol, byte[] bytes) {
        boolean checksum = protocol == GRE && bytes.length >= 8 && bytes[0] == (byte) 0x80;
        int header = protocol == GRE ? checksum ? 8 : 4 : 0;
        if ((protocol != 4 && protocol != 41 && protocol != GRE) || bytes.length < header) {
            add("len " + bytes.length);
            return;
        }
        addIf(checksum, SlowChecksum.sum(bytes) == 0xffff ? "checksum" : "bad-checksum");
        add("[" + packet(Arrays.copyOfRange(bytes, header, bytes.length)) + "]");
    }

    private static String name(int protocol) {
        return switch (protocol) {
            case FrameBuilder.ICMP -> "icmp";
            case 4 -> "ipip";
            case 41 -> "6in";
            case GRE -> "gre";
            case FrameBuilder.TCP -> "tcp";
            case FrameBuilder.UDP -> "udp";
            case FrameBuilder.ICMPV6 -> "icmpv6";
            case FrameBuilder.SCTP -> "sctp";
            default -> "protocol " + protocol;
        };
    }

    private static String endpoint(String address, int port) {
        return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + port;
    }

    private void icmp(int protocol, byte[] icmp) {
        int type = icmp[0] & 0xff;
        add(name(protocol)).add(type + "/" + (icmp[1] & 0xff));
        int rest = ByteBuffer.wrap(icmp).getInt(4);
        byte[] content = Arrays.copyOfRange(icmp, 8, icmp.length);
        boolean error =
                protocol == FrameBuilder.ICMPV6
                        ? type < 128
                        : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
        addIf(rest != 0, "rest 0x" + Integer.toHexString(rest));
        if (error) {
            add("[" + packet(content) + "]");
        } else {
            data(content);
        }
    }

    private void tcp(byte[] tcp, byte[] pseudo, boolean fragment) {
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if ((tcp[13] & 1 << i) != 0) {
                flags.append(FLAG_LETTERS.charAt(i));
            }
        }
        ByteBuffer fields = ByteBuffer.wrap(tcp);
        add("tcp").add(flags.isEmpty() ? "none" : flags.toString());
        add("seq " + Integer.toUnsignedString(fields.getInt(4)));
        addIf((tcp[13] & 16) != 0, "ack " + Integer.toUnsignedString(fields.getInt(8)));
        add("win " + u16(tcp, 14));
        int headerBytes = (tcp[12] & 0xf0) >> 2;
        if (headerBytes < 20 || headerBytes > tcp.length) {
            add("bad-data-offset " + headerBytes);
        } else {
            addIf(headerBytes > 20, "options " + (headerBytes - 20));
            data(Arrays.copyOfRange(tcp, headerBytes, tcp.length));
        }
        checksum(pseudo, tcp, 16, fragment);
    }

    private void udp(byte[] udp, byte[] pseudo, boolean fragment) {
        add("udp");
        data(Arrays.copyOfRange(udp, 8, udp.length));
        addIf(!fragment && u16(udp, 4) != udp.length, "udp-length " + u16(udp, 4));
        if (u16(udp, 6) == 0) {
            add("no-checksum");
        } else {
            checksum(pseudo, udp, 6, fragment);
        }
    }

    private void sctp(byte[] sctp, boolean fragment) {
        ByteBuffer fields = ByteBuffer.wrap(sctp.clone());
        add("sctp").add("tag " + Integer.toUnsignedString(fields.getInt(4)));
        int position = 12;
        while (position + 4 <= sctp.length && u16(sctp, position + 2) >= 4) {
            add("chunk " + (sctp[position] & 0xff));
            position += (u16(sctp, position + 2) + 3) & ~3;
        }
        int written = fields.getInt(8);
        fields.putInt(8, 0);
        addIf(!fragment && FrameBuilder.sctpChecksum(fields.array()) != written, "bad-checksum");
    }

    private void data(byte[] content) {
        addIf(content.length > 0, "len " + content.length);
    }

    /** The first fragment has the checksum of the whole, of which too little is here to check. */
    private void checksum(byte[] pseudo, byte[] bytes, int offset, boolean fragment) {
        if (fragment || SlowChecksum.sum(FrameBuilder.join(pseudo, bytes)) == 0xffff) {
            return;
        }
        boolean partial = pseudo.length > 0 && u16(bytes, offset) == SlowChecksum.sum(pseudo);
        add(partial ? "partial-checksum" : "bad-checksum");
    }

    private void addIf(boolean condition, String word) {
        if (condition) {
            add(word);
        }
    }

    private static int u16(byte[] bytes, int offset) {
        return (bytes[offset] & 0xff) << 8 | (bytes[offset + 1] & 0xff);
    }

    private static String macText(byte[] bytes, int offset) {
        return HexFormat.ofDelimiter(":").formatHex(bytes, offset, offset + 6);
    }

    private static String addressText(byte[] bytes, int offset, int length) {
        byte[] address = Arrays.copyOfRange(bytes, offset, offset + length);
        try {
            String text = InetAddress.getByAddress(address).getHostAddress();
            return length == 4 ? text : text.replaceFirst("(^|:)(0(:|$)){2,}", "::");
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + length + " bytes", e);
        }
    }
}
