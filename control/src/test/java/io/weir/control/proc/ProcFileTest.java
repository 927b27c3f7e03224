package io.weir.control.proc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.api.FakeBalancer;
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

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** The texts, blank for blank; those of IPv4 connections are a recorded sample. */
final class ProcFileTest {
    private List<ServiceListing> services = List.of();
    private List<ConnectionListing> connections = List.of();
    private CounterSnapshot totals = CounterSnapshot.ZERO;

    private final FakeBalancer balancer =
            new FakeBalancer(0) {
                @Override
                public List<ServiceListing> services() {
                    return services;
                }

                @Override
                public void connections(Consumer<ConnectionListing> consumer) {
                    connections.forEach(consumer);
                }

                @Override
                public CounterSnapshot totals() {
                    return totals;
                }

                @Override
                public int followedConnections() {
                    return 12;
                }

                @Override
                public int connectionCapacity() {
                    return 4096;
                }
            };

    private String text(String name) throws IOException {
        StringBuilder text = new StringBuilder();
        Objects.requireNonNull(ProcFile.named(name)).write(balancer, text);
        return text.toString();
    }

    private static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static ServiceListing service(
            ServiceId id, ServiceSettings settings, ServerListing... servers) {
        return new ServiceListing(id, settings, CounterSnapshot.ZERO, List.of(servers));
    }

    private static ServerListing server(
            String address, int port, ForwardingMethod method, int weight, long active) {
        return new ServerListing(
                new ServerId(ip(address), port),
                ServerSettings.of(method, weight),
                active,
                7,
                0,
                false,
                CounterSnapshot.ZERO);
    }

    @Test
    void services() throws IOException {
        services =
                List.of(
                        service(
                                ServiceId.ofMark(21, false),
                                new ServiceSettings("rr", 0, 600, 0xffffff00, false, null)),
                        service(
                                ServiceId.of(ServiceId.TCP, ip("192.168.26.10"), 80),
                                ServiceSettings.of("wlc"),
                                server("10.11.12.2", 80, ForwardingMethod.ROUTE, 1000001, 12345),
                                server("10.11.12.1", 8080, ForwardingMethod.MASQUERADE, 1, 0)),
                        service(
                                ServiceId.of(ServiceId.UDP, ip("192.168.26.10"), 53),
                                new ServiceSettings("sh", 3, 360, -1, true, null)),
                        service(
                                ServiceId.of(ServiceId.SCTP, ip("10.1.1.1"), 9),
                                new ServiceSettings("sh", 0, 0, -1, false, null)),
                        service(
                                ServiceId.of(ServiceId.UDP, ip("fd01::100"), 53),
                                new ServiceSettings("rr", 0, 300, 64, true, null),
                                server("fd02::11", 53, ForwardingMethod.TUNNEL, 1, 0),
                                server("10.2.0.11", 53, ForwardingMethod.TUNNEL, 1, 0)),
                        service(
                                ServiceId.ofMark(-1, true),
                                new ServiceSettings("wrr", 0, 0, 128, true, null)));
        // Scheduler flags are not shown, nor that a mark is one for IPv6.
        assertThat(text("ip_vs"))
                .isEqualTo(
                        """
                        IP Virtual Server version 1.2.1 (size=4096)
                        Prot LocalAddress:Port Scheduler Flags
                          -> RemoteAddress:Port Forward Weight ActiveConn InActConn
                        TCP  C0A81A0A:0050 wlc \s
                          -> 0A0B0C02:0050      Route   1000001 12345      7        \s
                          -> 0A0B0C01:1F90      Masq    1      0          7        \s
                        UDP  C0A81A0A:0035 sh ops  persistent 36000 FFFFFFFF
                        SCTP  0A010101:0009 sh \s
                        UDP  [fd01:0000:0000:0000:0000:0000:0000:0100]:0035 rr persistent 30000 40000000
                          -> [fd02:0000:0000:0000:0000:0000:0000:0011]:0035      Tunnel  1      0          7        \s
                          -> 0A02000B:0035      Tunnel  1      0          7        \s
                        FWM  00000015 rr persistent 60000 FFFFFF00
                        FWM  FFFFFFFF wrr ops\s
                        """);
    }

    private static ConnectionListing connection(
            int protocol, String client, int clientPort, String rest, @Nullable String engine) {
        String[] words = rest.split(" ", -1);
        return new ConnectionListing(
                protocol,
                ip(client),
                clientPort,
                ip(words[0]),
                Integer.parseInt(words[1]),
                ip(words[2]),
                Integer.parseInt(words[3]),
                words[4],
                Integer.parseInt(words[5]),
                words[4].equals("TIME_WAIT"),
                engine,
                engine == null ? null : "abc@1.2.3.4");
    }

    @Test
    void connections() throws IOException {
        connections =
                List.of(
                        connection(
                                ServiceId.TCP,
                                "172.16.57.254",
                                50000,
                                "192.168.26.10 80 10.11.12.1 80 ESTABLISHED 897",
                                null),
                        connection(
                                ServiceId.TCP,
                                "172.16.57.254",
                                50001,
                                "192.168.26.10 80 10.11.12.1 80 TIME_WAIT 97",
                                null),
                        connection(
                                ServiceId.UDP,
                                "172.16.57.254",
                                33333,
                                "192.168.26.10 53 10.11.12.1 53 UDP 299",
                                null),
                        connection(
                                ServiceId.TCP,
                                "172.16.57.0",
                                0,
                                "0.0.0.21 0 10.11.12.1 0 NONE 560",
                                null));
        String sample =
                """
                Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
                TCP AC1039FE C350 C0A81A0A 0050 0A0B0C01 0050 ESTABLISHED     897
                TCP AC1039FE C351 C0A81A0A 0050 0A0B0C01 0050 TIME_WAIT        97
                UDP AC1039FE 8235 C0A81A0A 0035 0A0B0C01 0035 UDP             299
                TCP AC103900 0000 00000015 0000 0A0B0C01 0000 NONE            560
                """;
        assertThat(text("ip_vs_conn")).isEqualTo(sample);
        assertThat(text("ip_vs_conn_sync"))
                .isEqualTo(
                        """
                        Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires
                        TCP AC1039FE C350 C0A81A0A 0050 0A0B0C01 0050 ESTABLISHED LOCAL      897
                        TCP AC1039FE C351 C0A81A0A 0050 0A0B0C01 0050 TIME_WAIT   SYNC        97
                        UDP AC1039FE 8235 C0A81A0A 0035 0A0B0C01 0035 UDP         LOCAL      299
                        TCP AC103900 0000 00000015 0000 0A0B0C01 0000 NONE        LOCAL      560
                        """);
    }

    @Test
    void connectionsOfOtherShapes() throws IOException {
        connections =
                List.of(
                        connection(
                                0,
                                "172.16.57.254",
                                0,
                                "0.0.0.21 0 10.11.12.1 0 ASSURED 12345678",
                                null),
                        connection(
                                ServiceId.UDP,
                                "2001:db8:75e3::30b3",
                                50000,
                                "fd01::100 53 10.2.0.11 53 UDP 0",
                                null),
                        connection(
                                ServiceId.UDP,
                                "172.16.57.254",
                                5060,
                                "192.168.26.10 5060 10.11.12.1 5060 UDP 300",
                                "sip"));
        assertThat(text("ip_vs_conn"))
                .endsWith(
                        """
                        IP  AC1039FE 0000 00000015 0000 0A0B0C01 0000 ASSURED     12345678
                        UDP 2001:0db8:75e3:0000:0000:0000:0000:30b3 C350 fd01:0000:0000:0000:0000:0000:0000:0100 0035 0A02000B 0035 UDP               0
                        UDP AC1039FE 13C4 C0A81A0A 13C4 0A0B0C01 13C4 UDP             300 sip abc@1.2.3.4
                        """);
    }

    @Test
    void totals() throws IOException {
        totals = new CounterSnapshot(10, 255, 0, 1481484, -1L, 26, 0, 1, 18000, 12);
        assertThat(text("ip_vs_stats"))
                .isEqualTo(
                        """
                           Total Incoming Outgoing         Incoming         Outgoing
                           Conns  Packets  Packets            Bytes            Bytes
                               A       FF        0           169B0C FFFFFFFFFFFFFFFF

                         Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
                              1A        0        1             4650                C
                        """);
        assertThat(text("ip_vs_stats_percpu"))
                .isEqualTo(
                        """
                               Total Incoming Outgoing         Incoming         Outgoing
                        CPU    Conns  Packets  Packets            Bytes            Bytes
                          0        A       FF        0           169B0C FFFFFFFFFFFFFFFF
                          ~        A       FF        0           169B0C FFFFFFFFFFFFFFFF

                             Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
                                  1A        0        1             4650                C
                        """);
    }

    @Test
    void applications() throws IOException {
        assertThat(text("/proc/net/ip_vs_app"))
                .isEqualTo(
                        """
                        prot port    usecnt name
                        TCP  21      12       ftp
                        """);
    }

    @Test
    void noOtherFileIsThere() {
        assertThat(ProcFile.named("ip_vs_")).isNull();
        assertThat(ProcFile.named("/proc/net/")).isNull();
        assertThat(ProcFile.names()).startsWith("ip_vs, ip_vs_conn, ");
    }

    @Test
    void aReaderThatHasGoneEndsTheText() {
        connections =
                List.of(
                        connection(
                                ServiceId.TCP,
                                "172.16.57.254",
                                50000,
                                "192.168.26.10 80 10.11.12.1 80 ESTABLISHED 897",
                                null));
        Appendable closed =
                new Appendable() {
                    @Override
                    public Appendable append(CharSequence text) throws IOException {
                        if (text.length() > 0 && text.charAt(0) == 'T') {
                            throw new IOException("gone");
                        }
                        return this;
                    }

                    @Override
                    public Appendable append(CharSequence text, int from, int to) {
                        return this;
                    }

                    @Override
                    public Appendable append(char c) {
                        return this;
                    }
                };
        assertThatThrownBy(() -> ProcFile.CONNECTIONS.write(balancer, closed))
                .isInstanceOf(IOException.class)
                .hasMessage("gone");
    }
}
