package io.weir.control.replay;

import io.weir.control.frame.FrameBytes;
import io.weir.dataplane.flow.SctpState;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageReader;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Says in words what a datagram of a synchronisation daemon holds, as recordings do. */
final class SyncText {
    private static final int LONGEST = 65535;
    private static final int ETHERNET = 14;

    private static final List<String> METHODS =
            List.of("masq", "local", "tunnel", "route", "bypass", "fwd5", "fwd6", "fwd7");

    private record Flag(int bit, String name) {}

    private static final List<Flag> FLAGS =
            List.of(
                    new Flag(SyncEntry.FLAG_SYNC, "sync"),
                    new Flag(0x40, "hashed"),
                    new Flag(SyncEntry.FLAG_NO_OUTPUT, "noout"),
                    new Flag(SyncEntry.FLAG_INACTIVE, "inactive"),
                    new Flag(SyncEntry.FLAG_OUT_SEQUENCE, "outseq"),
                    new Flag(SyncEntry.FLAG_IN_SEQUENCE, "inseq"),
                    new Flag(SyncEntry.FLAG_NO_CLIENT_PORT, "nocport"),
                    new Flag(SyncEntry.FLAG_TEMPLATE, "template"),
                    new Flag(SyncEntry.FLAG_ONE_PACKET, "onepacket"),
                    new Flag(SyncEntry.FLAG_CONNTRACK, "nfct"));

    private final DatagramReceiver receiver = new DatagramReceiver(0, Set.of());
    private final SyncMessageReader reader = new SyncMessageReader();
    private final SyncEntry entry = new SyncEntry();

    /** The text of a frame that a daemon sent. Frames come in their order, for their fragments. */
    String of(byte[] frame) {
        boolean ipv6 = FrameBytes.u16(frame, 12) == 0x86dd;
        int from = ETHERNET + (ipv6 ? 8 : 12);
        int bytes = ipv6 ? 16 : 4;
        IpAddress source = IpAddress.of(Arrays.copyOfRange(frame, from, from + bytes));
        IpAddress group = IpAddress.of(Arrays.copyOfRange(frame, from + bytes, from + 2 * bytes));
        UdpDatagram datagram = receiver.receive(frame);
        if (datagram == null) {
            return source + " > " + group + " IP fragment";
        }
        int ttl = FrameBytes.u8(frame, ETHERNET + (ipv6 ? 7 : 8));
        StringBuilder text = new StringBuilder();
        text.append(
                "%s > %s:%d ttl %d\n".formatted(source, group, datagram.destinationPort(), ttl));
        append(text, datagram.payload());
        return text.toString();
    }

    private void append(StringBuilder text, byte[] message) {
        if (reader.begin(message, message.length, 0, LONGEST)
                != SyncMessageReader.Verdict.READABLE) {
            text.append(message.length).append(" bytes that are no message");
            return;
        }
        boolean version1 = reader.version1();
        text.append(
                "v%d syncid %d size %d conns %d"
                        .formatted(
                                version1 ? 1 : 0,
                                FrameBytes.u8(message, 1),
                                message.length,
                                FrameBytes.u8(message, version1 ? 4 : 0)));
        SyncMessageReader.Step step = reader.next(entry);
        while (step != SyncMessageReader.Step.END) {
            text.append("\n  ").append(step == SyncMessageReader.Step.ENTRY ? words() : step);
            step = reader.next(entry);
        }
    }

    private String words() {
        StringBuilder text = new StringBuilder("proto " + entry.protocol);
        text.append(' ').append(end(entry.clientHigh, entry.clientLow, entry.clientPort));
        text.append(" -> ").append(end(entry.virtualHigh, entry.virtualLow, entry.virtualPort));
        text.append(" -> ").append(end(entry.serverHigh, entry.serverLow, entry.serverPort));
        text.append(" flags ").append(flags()).append(" state ").append(entry.state);
        text.append(stateName());
        if (reader.version1()) {
            text.append(" mark ").append(Integer.toUnsignedString(entry.mark));
            text.append(" timeout ").append(Integer.toUnsignedString(entry.timeoutSeconds));
        }
        if (entry.hasSequence) {
            int[] numbers = entry.sequence;
            text.append(
                    "; seq(in: init %d delta %d prev %d; out: init %d delta %d prev %d)"
                            .formatted(
                                    numbers[0],
                                    numbers[1],
                                    numbers[2],
                                    numbers[3],
                                    numbers[4],
                                    numbers[5]));
        }
        if (entry.engineNameLength > 0) {
            text.append("; pedata ").append(latin(entry.engineData, entry.engineDataLength));
            text.append("; pename ").append(latin(entry.engineName, entry.engineNameLength));
        }
        return text.toString();
    }

    private String end(long high, long low, int port) {
        IpAddress address = new IpAddress(entry.ipv6, high, low);
        return (entry.ipv6 ? "[" + address + "]" : address.toString()) + ":" + port;
    }

    private String flags() {
        StringBuilder text = new StringBuilder("0x%04x=".formatted(entry.flags));
        text.append(METHODS.get(entry.flags & SyncEntry.METHOD_MASK));
        int rest = entry.flags & ~SyncEntry.METHOD_MASK;
        for (Flag flag : FLAGS) {
            if ((rest & flag.bit) != 0) {
                text.append('+').append(flag.name);
                rest &= ~flag.bit;
            }
        }
        return rest == 0 ? text.toString() : text.append("+0x%x".formatted(rest)).toString();
    }

    private String stateName() {
        boolean template = entry.template();
        return switch (entry.protocol) {
            case ServiceId.TCP ->
                    template && entry.state > 10 ? "" : "(" + TcpState.name(entry.state) + ")";
            case ServiceId.UDP -> entry.state == 0 ? "(NORMAL)" : "";
            case ServiceId.SCTP ->
                    template && entry.state > 13 ? "" : "(" + SctpState.name(entry.state) + ")";
            default -> "";
        };
    }

    private static String latin(byte[] bytes, int length) {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
