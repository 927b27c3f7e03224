package io.weir.control;

import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.SlowChecksum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Frames as they come from a hostile network: some right, most not. */
final class PacketMess {
    static final String VIP = "10.1.0.100";

    private static final String[] ADDRESSES = {
        VIP,
        VIP,
        VIP,
        "10.1.0.1",
        "10.2.0.1",
        "10.1.0.11",
        "10.1.0.12",
        "10.2.0.11",
        "10.2.0.12",
        "10.2.0.13",
        "10.1.0.255",
        "192.0.2.7",
        "10.9.9.9",
        "127.0.0.1",
        "224.0.0.1",
        "0.0.0.0"
    };
    private static final int[] PORTS = {
        2905, 80, 81, 82, 83, 53, 54, 4000, 4001, 8080, 5353, 0, 65535
    };
    private static final int[] SERVER_PORTS = {8080, 8080, 5353, 5353, 3905};
    private static final byte[] ROUTER_ALERT = {(byte) 148, 4, 0, 0};
    private static final byte[] RECORD_ROUTE = {7, 7, 4, 0, 0, 0, 0, 1};
    private static final byte[] SOURCE_ROUTE = {(byte) 131, 7, 4, 10, 2, 0, 1, 0};

    private static final int MOST_RESTS = 30;

    private final Random random;
    private final List<List<byte[]>> rests = List.of(new ArrayList<>(), new ArrayList<>());

    PacketMess(Random random) {
        this.random = random;
    }

    /** One frame for a link whose Ethernet address ends in the link's number. */
    byte[] next(int link, int id) {
        byte[] frame =
                switch (random.nextInt(20)) {
                    case 0 -> bytes(random.nextInt(100));
                    case 1 -> arp();
                    case 2 -> join(Arrays.copyOf(packet(link, id).bytes(), 14), bytes(60));
                    case 3, 4 -> fragment(link, packet(link, id));
                    case 5, 6, 7 -> rest(link, packet(link, id));
                    default -> packet(link, id).bytes();
                };
        if (random.nextInt(3) == 0) {
            frame = mutate(frame);
        }
        // So that a packet that weir makes itself, of 64, is told from one that it sends on.
        if (frame.length > 22 && frame[22] == 65) {
            frame[22] = (byte) 200;
        }
        return frame;
    }

    /** What a local sender claims of a frame: offloads that make sense, or not. */
    byte[] nextVnetHeader() {
        byte[] vnet = bytes(10);
        vnet[0] = (byte) random.nextInt(4);
        if (random.nextBoolean()) {
            byte[] types = {0, 1, 4, 5, (byte) 0x81};
            vnet[1] = types[random.nextInt(types.length)];
        }
        return vnet;
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private byte[] arp() {
        String mac = random.nextInt(4) == 0 ? "ff:ff:ff:ff:ff:ff" : "02:00:00:00:01:0b";
        byte[] arp =
                random.nextBoolean()
                        ? Frames.arpRequest(mac, "10.1.0.11", address())
                        : Frames.arpReply(mac, "10.1.0.12", "02:00:00:00:00:01", address());
        return Arrays.copyOf(arp, random.nextInt(3) == 0 ? random.nextInt(60) : 60);
    }

    private String address() {
        return ADDRESSES[random.nextInt(ADDRESSES.length)];
    }

    private int port() {
        return PORTS[random.nextInt(PORTS.length)];
    }

    private FrameBuilder packet(int link, int id) {
        FrameBuilder packet =
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3 -> tcp();
                    case 4, 5, 6 -> udp();
                    case 7 -> icmpError();
                    case 8 ->
                            Frames.icmp(random.nextInt(20), random.nextInt(5), random.nextInt())
                                    .payload(bytes(random.nextInt(60)));
                    case 9, 10 -> sctp();
                    default -> Frames.ip(random.nextInt(256)).payload(bytes(random.nextInt(60)));
                };
        boolean fromClient = link == 1;
        packet.macs("02:00:00:00:0" + link + ":0b", "02:00:00:00:00:0" + link)
                .id(id)
                .ttl(random.nextInt(8) == 0 ? random.nextInt(4) : 100)
                .tos(random.nextInt(4) == 0 ? random.nextInt(256) : 0);
        if (random.nextInt(3) == 0) {
            packet.from(address(), port()).to(address(), port());
        } else if (fromClient) {
            packet.from("10.1.0.1" + (1 + random.nextInt(2)), 4000 + random.nextInt(4))
                    .to(VIP, port());
        } else {
            packet.from("10.2.0.11", SERVER_PORTS[random.nextInt(SERVER_PORTS.length)])
                    .to("10.1.0.1" + (1 + random.nextInt(2)), 4000 + random.nextInt(4));
        }
        options(packet);
        return random.nextInt(4) == 0 ? packet.dontFragment() : packet;
    }

    private FrameBuilder tcp() {
        FrameBuilder tcp = Frames.tcp().seq(random.nextInt()).payload(bytes(size()));
        switch (random.nextInt(5)) {
            case 0, 1 -> tcp.syn();
            case 2 -> tcp.ack(random.nextInt());
            case 3 -> tcp.fin().ack(1);
            default -> tcp.flags(random.nextInt(256));
        }
        return random.nextInt(8) == 0 ? tcp.wrongChecksum() : tcp;
    }

    private FrameBuilder udp() {
        FrameBuilder udp = Frames.udp().payload(bytes(size()));
        return switch (random.nextInt(6)) {
            case 0 -> udp.noChecksum();
            case 1 -> udp.wrongChecksum();
            default -> udp;
        };
    }

    private FrameBuilder sctp() {
        FrameBuilder sctp = Frames.sctp().verificationTag(random.nextInt(3));
        for (int chunks = random.nextInt(4); chunks > 0; chunks--) {
            int type = random.nextInt(8) == 0 ? random.nextInt(256) : random.nextInt(15);
            sctp.chunk(type, random.nextInt(4), bytes(random.nextInt(24)));
        }
        return random.nextInt(4) == 0 ? sctp.wrongChecksum() : sctp;
    }

    /** Up to what a link takes even with a tunnel's header and all options. */
    private int size() {
        return random.nextInt(4) == 0 ? random.nextInt(1350) : random.nextInt(30);
    }

    private FrameBuilder icmpError() {
        FrameBuilder quoted = random.nextBoolean() ? Frames.tcp() : Frames.udp();
        boolean toServer = random.nextBoolean();
        if (toServer) {
            quoted.from("10.1.0.11", 4000 + random.nextInt(4)).to("10.2.0.11", 8080);
        } else {
            quoted.from(VIP, 80).to("10.1.0.11", 4000 + random.nextInt(4));
        }
        byte[] packet = quoted.packet();
        if (random.nextInt(3) == 0) {
            packet[random.nextInt(packet.length)] = (byte) random.nextInt();
        }
        packet = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
        int[] types = {3, 4, 5, 11, 12};
        FrameBuilder error = Frames.icmpError(types[random.nextInt(5)], random.nextInt(5), packet);
        return random.nextInt(6) == 0 ? error.wrongChecksum() : error;
    }

    private void options(FrameBuilder packet) {
        switch (random.nextInt(12)) {
            case 0 -> packet.ipOptions(bytes(4 * random.nextInt(11)));
            case 1 -> packet.ipOptions(ROUTER_ALERT);
            case 2 -> packet.ipOptions(RECORD_ROUTE);
            case 3 -> packet.ipOptions(SOURCE_ROUTE);
            default -> {}
        }
    }

    // The others may follow later, in any order.
    private byte[] fragment(int link, FrameBuilder packet) {
        int units = 1 + random.nextInt(random.nextBoolean() ? 4 : 60);
        List<byte[]> parts = new ArrayList<>(packet.fragments(8 * units));
        if (parts.isEmpty()) {
            return emptyFragment(packet.bytes());
        }
        byte[] part = parts.remove(random.nextInt(parts.size()));
        if (parts.size() + rests.get(link - 1).size() <= MOST_RESTS) {
            rests.get(link - 1).addAll(parts);
        }
        return part;
    }

    private byte[] rest(int link, FrameBuilder otherwise) {
        List<byte[]> rest = rests.get(link - 1);
        if (rest.isEmpty()) {
            return otherwise.bytes();
        }
        byte[] part = rest.get(random.nextInt(rest.size()));
        if (random.nextInt(8) != 0) {
            rest.remove(part);
        }
        return part.clone();
    }

    private static byte[] emptyFragment(byte[] frame) {
        frame[20] |= 0x20;
        return repaired(frame);
    }

    private byte[] mutate(byte[] frame) {
        byte[] mutated = frame;
        for (int i = random.nextInt(4); i >= 0 && mutated.length > 0; i--) {
            mutated =
                    switch (random.nextInt(6)) {
                        case 0 -> Arrays.copyOf(mutated, random.nextInt(mutated.length + 1));
                        case 1 -> join(mutated, bytes(random.nextInt(40)));
                        case 2 -> set(mutated, 14, 0x40 | random.nextInt(16));
                        case 3 -> set(mutated, 17, random.nextInt(256));
                        default -> set(mutated, random.nextInt(mutated.length), random.nextInt());
                    };
        }
        return random.nextInt(3) == 0 ? mutated : repaired(mutated);
    }

    private static byte[] set(byte[] frame, int at, int value) {
        if (at < frame.length) {
            frame[at] = (byte) value;
        }
        return frame;
    }

    /** Gives the IP header a right checksum, so that what is wrong behind it is looked at. */
    private static byte[] repaired(byte[] frame) {
        if (frame.length > 22 && frame[22] == 65) {
            frame[22] = (byte) 200;
        }
        int headerBytes = frame.length > 14 ? (frame[14] & 15) * 4 : 0;
        if (headerBytes >= 20 && frame.length >= 14 + headerBytes) {
            frame[24] = 0;
            frame[25] = 0;
            int sum = SlowChecksum.checksum(Arrays.copyOfRange(frame, 14, 14 + headerBytes));
            frame[24] = (byte) (sum >> 8);
            frame[25] = (byte) sum;
        }
        return frame;
    }
}
