package io.weir.control.replay;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageReader;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The entries of the datagrams that daemons sent, in their order: decoded, because how they are
 * packed into datagrams depends on times.
 */
final class SentEntries {
    private static final HexFormat HEX = HexFormat.of();
    private static final int LONGEST = 65535;

    private final Map<String, List<String>> byDaemon = new TreeMap<>();
    private final Map<String, DatagramReceiver> receivers = new TreeMap<>();
    private final SyncMessageReader reader = new SyncMessageReader();
    private final SyncEntry entry = new SyncEntry();

    /** Entries by who sent them, where to and how. */
    static Map<String, List<String>> of(List<JsonNode> events) {
        SentEntries sent = new SentEntries();
        events.stream()
                .filter(event -> event.path("op").asString().equals("sync"))
                .forEach(sent::add);
        Map<String, List<String>> merged = new TreeMap<>();
        sent.byDaemon.forEach(
                (daemon, entries) ->
                        merged.computeIfAbsent(anyPort(daemon), any -> new ArrayList<>())
                                .addAll(entries));
        if (merged.size() == sent.byDaemon.size()) {
            return sent.byDaemon;
        }
        // Which port a connection has, and so which of two entries is sent first, depends on memory
        // addresses: only the order of a connection's own entries is compared.
        merged.values().forEach(entries -> entries.sort(SentEntries::byConnection));
        return merged;
    }

    private static String anyPort(String daemon) {
        return daemon.replaceAll(" \\d+ ttl ", " any port ttl ");
    }

    private static int byConnection(String one, String other) {
        return connection(one).compareTo(connection(other));
    }

    private static String connection(String entry) {
        return entry.substring(0, entry.indexOf(" flags"));
    }

    private void add(JsonNode event) {
        byte[] frame = HEX.parseHex(event.path("frame").asString());
        String from = event.path("from").asString();
        UdpDatagram datagram =
                receivers
                        .computeIfAbsent(from, any -> new DatagramReceiver(0, Set.of()))
                        .receive(frame);
        if (datagram == null) {
            return;
        }
        boolean ipv6 = frame[12] == (byte) 0x86;
        int ttl = frame[ipv6 ? 21 : 22] & 0xff;
        IpAddress source = IpAddress.of(ipv6 ? copy(frame, 22, 38) : copy(frame, 26, 30));
        String daemon =
                "%s %s > %s %d ttl %d"
                        .formatted(
                                from,
                                source,
                                datagram.destination(),
                                datagram.destinationPort(),
                                ttl);
        byte[] message = datagram.payload();
        List<String> entries = byDaemon.computeIfAbsent(daemon, any -> new ArrayList<>());
        if (reader.begin(message, message.length, 0, LONGEST)
                != SyncMessageReader.Verdict.READABLE) {
            entries.add("unreadable " + HEX.formatHex(message) + " flags");
            return;
        }
        String version = "id " + (message[1] & 0xff) + (reader.version1() ? " v1 " : " v0 ");
        for (SyncMessageReader.Step step = reader.next(entry);
                step != SyncMessageReader.Step.END;
                step = reader.next(entry)) {
            entries.add(
                    version + (step == SyncMessageReader.Step.ENTRY ? "" : step + " ") + text());
        }
    }

    private static byte[] copy(byte[] frame, int from, int to) {
        return Arrays.copyOfRange(frame, from, to);
    }

    private String text() {
        return "%d %s:%d %s:%d %s:%d flags %x state %d mark %d timeout %d %s"
                .formatted(
                        entry.protocol,
                        new IpAddress(entry.ipv6, entry.clientHigh, entry.clientLow),
                        entry.clientPort,
                        new IpAddress(entry.ipv6, entry.virtualHigh, entry.virtualLow),
                        entry.virtualPort,
                        new IpAddress(entry.ipv6, entry.serverHigh, entry.serverLow),
                        entry.serverPort,
                        entry.flags,
                        entry.state,
                        entry.mark,
                        entry.timeoutSeconds,
                        options())
                .trim();
    }

    // The kernel's version 1 sends what happens to be in its memory.
    private String options() {
        StringBuilder text = new StringBuilder();
        if (entry.hasSequence) {
            text.append(reader.version1() ? "sequence" : Arrays.toString(entry.sequence));
        }
        if (entry.engineNameLength > 0) {
            text.append(' ').append(HEX.formatHex(entry.engineName, 0, entry.engineNameLength));
            text.append(' ').append(HEX.formatHex(entry.engineData, 0, entry.engineDataLength));
        }
        return text.toString();
    }
}
