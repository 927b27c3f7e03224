package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.TunnelSettings;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** Listings as ipvsadm 1.31 was recorded to print them. */
final class RecordedListingsTest {
    @Test
    void printsTheTablesOfTheReference() {
        RuleTable table = referenceTable();
        Ipvsadm ipvsadm = new Ipvsadm(table, Recording.names());
        int checked = 0;
        List<String> arguments = List.of();
        StringBuilder printed = new StringBuilder();
        for (String line : Recording.lines("ipvsadm-1.31-list-output.txt")) {
            if (line.startsWith("$ ipvsadm ")) {
                String rest = line.substring("$ ipvsadm ".length());
                arguments = rest.isEmpty() ? List.of() : List.of(rest.split(" ", -1));
                printed.setLength(0);
            } else if (line.startsWith("rc=")) {
                // The recorder's kernel had synchronisation daemons.
                if (!arguments.contains("--daemon")) {
                    Ipvsadm.Outcome outcome = ipvsadm.run(arguments);
                    String ours = outcome.output() + outcome.errors();
                    // The original loses thresholds; see SaveFormat.
                    assertThat(ours.replaceAll(" -x \\d+ -y \\d+", ""))
                            .as("ipvsadm %s", arguments)
                            .isEqualTo(printed.toString());
                    assertThat(outcome.exitCode())
                            .isEqualTo(Integer.parseInt(line.substring("rc=".length())));
                    checked++;
                }
            } else {
                printed.append(line).append('\n');
            }
        }
        assertThat(checked).isEqualTo(22);
    }

    private static RuleTable referenceTable() {
        RuleTable table = new RuleTable();
        table.put(
                service(
                        ServiceId.of(ServiceId.TCP, ip("192.168.26.10"), 80),
                        ServiceSettings.of("wlc"),
                        counters("12 120 84 1481484 1199999988 1 12 12 18000 12000000"),
                        80,
                        2));
        table.put(
                service(
                        ServiceId.ofMark(21, false),
                        new ServiceSettings("rr", 0, 600, 0xffffff00, false, null),
                        counters(
                                "123456 1234560 864192 15241507392 12345599876544 12345 123456"
                                        + " 123456 185184000 3196915712"),
                        0,
                        1));
        table.put(
                service(
                        ServiceId.of(ServiceId.UDP, ip("192.168.26.10"), 53),
                        new ServiceSettings("sh", 3, 0, -1, true, null),
                        counters(
                                "99999999 999999990 699999993 12345699876543 9999999800000001"
                                        + " 9999999 99999999 99999999 3971110436 275447232"),
                        53,
                        1));
        table.put(
                service(
                        ServiceId.of(ServiceId.SCTP, ip("10.1.1.1"), 0),
                        new ServiceSettings("mh", 3, 300, -1, false, null),
                        counters(
                                "3000000000 4230196224 3820130816 370371000000000"
                                        + " 299999997000000000 300000000 3000000000 3000000000"
                                        + " 3169241088 3998449664"),
                        0,
                        3));
        connection(
                table,
                6,
                "172.16.57.254",
                50000,
                "192.168.26.10",
                80,
                "10.11.12.1 ESTABLISHED 897");
        connection(
                table, 6, "172.16.57.254", 50001, "192.168.26.10", 80, "10.11.12.2 TIME_WAIT 97");
        connection(table, 17, "172.16.57.254", 33333, "192.168.26.10", 53, "10.11.12.1 UDP 299");
        connection(table, 6, "172.16.57.0", 0, "0.0.0.21", 0, "10.11.12.1 NONE 560");
        return table;
    }

    private static void connection(
            RuleTable table,
            int protocol,
            String client,
            int clientPort,
            String virtual,
            int port,
            String rest) {
        String[] words = rest.split(" ", -1);
        table.put(
                new ConnectionListing(
                        protocol,
                        ip(client),
                        clientPort,
                        ip(virtual),
                        port,
                        ip(words[0]),
                        port,
                        words[1],
                        Integer.parseInt(words[2]),
                        false,
                        null,
                        null));
    }

    private static ServiceListing service(
            ServiceId id, ServiceSettings settings, CounterSnapshot counters, int port, int count) {
        ForwardingMethod[] methods = {
            ForwardingMethod.MASQUERADE, ForwardingMethod.ROUTE, ForwardingMethod.TUNNEL
        };
        long[] byteRates = {3755065408L, 3215163520L, 2675261632L};
        long[] rates = {1234, 2469, 3703};
        List<ServerListing> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long n = i + 1L;
            CounterSnapshot server =
                    new CounterSnapshot(
                            12345 * n,
                            123450 * n,
                            86415 * n,
                            1524076665 * n,
                            1234499987655L * n,
                            rates[i],
                            12345 * n,
                            12345 * n,
                            18517500 * n,
                            byteRates[i]);
            servers.add(
                    new ServerListing(
                            new ServerId(ip("10.11.12." + n), port),
                            new ServerSettings(
                                    methods[i],
                                    1 + i * 1000000,
                                    i * 100,
                                    i * 10,
                                    TunnelSettings.IPIP),
                            12345L * i,
                            7L * i,
                            3L * i,
                            false,
                            server));
        }
        return new ServiceListing(id, settings, counters, servers);
    }

    @Test
    void printsTablesWithIpv6TunnelsAndOddOrders() {
        RuleTable table = new RuleTable();
        List<String> lines = new ArrayList<>();
        int checked = 0;
        for (Iterator<String> all = Recording.lines("recorded-listings.txt").iterator();
                all.hasNext(); ) {
            String line = all.next();
            switch (line.charAt(0)) {
                case 'T' -> {
                    checked += check(table, lines);
                    table.clear();
                    lines.clear();
                }
                case 'S' -> table.put(recordedService(line));
                case 'D' -> addRecordedServer(table, line);
                case '#' -> {}
                default -> lines.add(line);
            }
        }
        checked += check(table, lines);
        assertThat(checked).isEqualTo(24);
    }

    private static int check(RuleTable table, List<String> lines) {
        List<Recording.Case> cases = Recording.cases(lines);
        for (Recording.Case recorded : cases) {
            assertThat(new Ipvsadm(table, Recording.names()).run(recorded.arguments()))
                    .as(recorded.toString())
                    .isEqualTo(
                            new Ipvsadm.Outcome(
                                    recorded.exitCode(), recorded.output(), recorded.errors()));
        }
        return cases.size();
    }

    private static ServiceListing recordedService(String line) {
        String[] words = line.split(" ", -1);
        boolean ipv6 = words[1].equals("6");
        int mark = Integer.parseUnsignedInt(words[5]);
        int flags = Integer.parseInt(words[7], 16);
        return new ServiceListing(
                mark != 0
                        ? ServiceId.ofMark(mark, ipv6)
                        : ServiceId.of(
                                Integer.parseInt(words[2]),
                                ip(words[3]),
                                Integer.parseInt(words[4])),
                new ServiceSettings(
                        words[6],
                        flags >> 3,
                        (flags & 1) == 0 ? 0 : Integer.parseInt(words[8]),
                        Integer.parseUnsignedInt(words[9], 16),
                        (flags & 4) != 0,
                        words[10].equals("-") ? null : words[10]),
                counters(line.split(" ", 12)[11]),
                List.of());
    }

    private static void addRecordedServer(RuleTable table, String line) {
        String[] words = line.split(" ", -1);
        ServiceListing service = table.services().getLast();
        List<ServerListing> servers = new ArrayList<>(service.servers());
        servers.add(
                new ServerListing(
                        new ServerId(ip(words[2]), Integer.parseInt(words[3])),
                        new ServerSettings(
                                ForwardingMethod.values()[Integer.parseInt(words[4])],
                                Integer.parseInt(words[5]),
                                Integer.parseInt(words[6]),
                                Integer.parseInt(words[7]),
                                new TunnelSettings(
                                        TunnelSettings.Type.values()[number(words, 11)],
                                        number(words, 12),
                                        TunnelSettings.Checksum.values()[number(words, 13)])),
                        Long.parseLong(words[8]),
                        Long.parseLong(words[9]),
                        number(words, 10),
                        false,
                        words.length > 14
                                ? counters(line.split(" ", 15)[14])
                                : CounterSnapshot.ZERO));
        table.put(
                new ServiceListing(service.id(), service.settings(), service.counters(), servers));
    }

    private static int number(String[] words, int index) {
        return index < words.length ? Integer.parseInt(words[index]) : 0;
    }

    private static CounterSnapshot counters(String text) {
        String[] words = text.split(" ", -1);
        long[] n = new long[10];
        for (int i = 0; i < words.length; i++) {
            n[i] = Long.parseUnsignedLong(words[i]);
        }
        return new CounterSnapshot(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9]);
    }

    @Test
    void printsConnectionsOfEveryShape() {
        RuleTable table = new RuleTable();
        connection(table, 0, "172.16.57.254", 0, "0.0.0.11", 0, "10.11.12.1 ASSURED 100");
        connection(table, 17, "2001:db8:75e3::30b3", 50000, "fd01::100", 53, "fd02::12 UDP 36000");
        connection(
                table,
                132,
                "172.16.57.254",
                53,
                "192.168.26.10",
                53,
                "10.0.0.1 ESTABLISHED 3600000");
        table.put(
                new ConnectionListing(
                        ServiceId.UDP,
                        ip("172.16.57.254"),
                        50000,
                        ip("192.168.26.10"),
                        5060,
                        ip("10.11.12.1"),
                        5060,
                        "UDP",
                        6000,
                        false,
                        "sip",
                        "abc@1.2.3.4"));
        Ipvsadm ipvsadm = new Ipvsadm(table, Recording.names());
        assertThat(ipvsadm.run(List.of("-Lnc", "--persistent-conn")).output())
                .isEqualTo(
                        """
                        IPVS connection entries
                        pro expire state       source             virtual            destination        pe name          pe_data
                        IP  01:40  ASSURED     172.16.57.254:0    0.0.0.11:0         10.11.12.1:0
                        UDP 600:00 UDP         [2001:db8:75e3::30b3]:50000 [fd01::100]:53     [fd02::12]:53
                        SCTP 60000:00 ESTABLISHED 172.16.57.254:53   192.168.26.10:53   10.0.0.1:53
                        UDP 100:00 UDP         172.16.57.254:50000 192.168.26.10:5060 10.11.12.1:5060  sip                abc@1.2.3.4
                        """);
        assertThat(ipvsadm.run(List.of("-Lc")).output())
                .endsWith(
                        """
                        UDP 100:00 UDP         172.16.57.254:50000 192.168.26.10:sip  10.11.12.1:sip
                        """);
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }
}
