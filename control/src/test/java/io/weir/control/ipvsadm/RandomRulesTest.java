package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;
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
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** Random rules survive saving and restoring; random words never do harm. */
final class RandomRulesTest {
    private static final int[] PROTOCOLS = {ServiceId.TCP, ServiceId.UDP, ServiceId.SCTP};
    private static final List<String> SCHEDULERS = RuleTable.SCHEDULERS.stream().sorted().toList();

    @Test
    void saveAndRestoreBringBackTheRules() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            RuleTable table = randomTable(random);
            for (List<String> save : List.of(List.of("-S", "-n"), List.of("-S"))) {
                String saved = new Ipvsadm(table, Recording.names()).run(save).output();
                RuleTable restored = new RuleTable();
                Ipvsadm.Outcome outcome =
                        new Ipvsadm(restored, Recording.names()).run(List.of("-R"), saved);
                assertThat(outcome).isEqualTo(new Ipvsadm.Outcome(0, "", ""));
                assertThat(sorted(restored))
                        .as("seed %d, round %d, %s", seed, round, saved)
                        .isEqualTo(sorted(table));
            }
        }
    }

    private static List<ServiceListing> sorted(RuleTable table) {
        return table.services().stream()
                .map(
                        service ->
                                new ServiceListing(
                                        service.id(),
                                        service.settings(),
                                        service.counters(),
                                        service.servers().stream()
                                                .sorted(
                                                        Comparator.comparing(
                                                                ServerListing::toString))
                                                .toList()))
                .sorted(Comparator.comparing(ServiceListing::toString))
                .toList();
    }

    private static RuleTable randomTable(Random random) {
        RuleTable table = new RuleTable();
        for (int i = random.nextInt(20); i > 0; i--) {
            ServiceId id = randomService(random);
            ServiceSettings settings = randomSettings(random, id);
            table.addService(id, settings);
            for (int j = random.nextInt(8); j > 0; j--) {
                addRandomServer(random, table, id);
            }
        }
        return table;
    }

    private static ServiceId randomService(Random random) {
        if (random.nextInt(4) == 0) {
            return ServiceId.ofMark(random.nextInt() | 1, random.nextBoolean());
        }
        IpAddress address = randomAddress(random, random.nextBoolean());
        return ServiceId.of(PROTOCOLS[random.nextInt(3)], address, randomPort(random));
    }

    private static int randomPort(Random random) {
        int[] known = {53, 80, 69, 5060, 5672, 8080, 1 + random.nextInt(65535)};
        return known[random.nextInt(known.length)];
    }

    private static IpAddress randomAddress(Random random, boolean ipv6) {
        if (!ipv6) {
            return IpAddress.v4(random.nextInt());
        }
        long high = random.nextInt(3) == 0 ? 0 : random.nextLong();
        long low = random.nextLong() >>> (random.nextInt(4) * 16);
        return IpAddress.v6(high, low);
    }

    private static ServiceSettings randomSettings(Random random, ServiceId id) {
        boolean ipv6 = id.address().ipv6();
        boolean persistent = random.nextBoolean();
        int whole = ipv6 ? 128 : ServiceSettings.WHOLE_ADDRESS;
        int mask = ipv6 ? 1 + random.nextInt(128) : random.nextInt();
        boolean datagrams = id.isMark() || id.protocol() == ServiceId.UDP;
        return new ServiceSettings(
                SCHEDULERS.get(random.nextInt(SCHEDULERS.size())),
                random.nextInt(8),
                persistent ? 1 + random.nextInt(2678400) : 0,
                persistent && random.nextBoolean() ? mask : whole,
                datagrams && random.nextInt(3) == 0,
                random.nextInt(5) == 0 ? "sip" : null);
    }

    private static void addRandomServer(Random random, RuleTable table, ServiceId id) {
        ForwardingMethod[] methods = {
            ForwardingMethod.MASQUERADE, ForwardingMethod.ROUTE, ForwardingMethod.TUNNEL
        };
        ForwardingMethod method = methods[random.nextInt(3)];
        boolean otherFamily = method == ForwardingMethod.TUNNEL && random.nextInt(4) == 0;
        boolean ownPort = id.isMark() || method == ForwardingMethod.MASQUERADE;
        table.addServer(
                id,
                new ServerId(
                        randomAddress(random, id.address().ipv6() != otherFamily),
                        ownPort ? randomPort(random) : id.port()),
                new ServerSettings(
                        method,
                        random.nextInt() >>> 1,
                        random.nextBoolean() ? 0 : random.nextInt() >>> 1,
                        random.nextBoolean() ? 0 : random.nextInt() >>> 1,
                        method == ForwardingMethod.TUNNEL
                                ? randomTunnel(random)
                                : TunnelSettings.IPIP));
    }

    private static TunnelSettings randomTunnel(Random random) {
        TunnelSettings.Checksum[] checksums = TunnelSettings.Checksum.values();
        return switch (random.nextInt(3)) {
            case 0 -> TunnelSettings.IPIP;
            case 1 ->
                    new TunnelSettings(
                            TunnelSettings.Type.GUE,
                            1 + random.nextInt(65535),
                            checksums[random.nextInt(3)]);
            default -> new TunnelSettings(TunnelSettings.Type.GRE, 0, checksums[random.nextInt(2)]);
        };
    }

    @Test
    void randomWordsEndInAnExitCodeAndFewLines() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            List<String> words = new ArrayList<>();
            for (int i = random.nextInt(8); i > 0; i--) {
                words.add(randomWord(random));
            }
            String input = String.join(random.nextBoolean() ? " " : "\n", words);
            Ipvsadm ipvsadm = new Ipvsadm(new RuleTable(), Recording.names());
            Ipvsadm.Outcome outcome;
            try {
                outcome = ipvsadm.run(words, input);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + words, e);
            }
            assertThat(outcome.exitCode()).as("seed %d: %s", seed, words).isBetween(0, 255);
            assertThat(outcome.errors().lines().count())
                    .as("seed %d: %s", seed, words)
                    .isLessThanOrEqualTo(words.size() + 2);
            assertThat(outcome.exitCode() == 0 || !outcome.errors().isEmpty())
                    .as("seed %d: %s", seed, words)
                    .isTrue();
        }
    }

    private static final String[] SOUP = {
        "-A",
        "-E",
        "-D",
        "-a",
        "-e",
        "-d",
        "-L",
        "-R",
        "-S",
        "-Z",
        "-C",
        "-t",
        "-u",
        "-f",
        "-r",
        "-p",
        "-M",
        "-6",
        "-m",
        "-i",
        "-x",
        "-y",
        "-w",
        "-b",
        "-Lnc",
        "--set",
        "--atomic",
        "--stats",
        "--tun-type",
        "gue",
        "gre",
        "--tun-port",
        "--start-daemon",
        "master",
        "--sched-flags",
        "1.2.3.4:80",
        "[::1]:80",
        "[",
        "]",
        "[]:",
        ":",
        "::",
        "1",
        "0",
        "-1",
        "4294967296",
        "",
        "=",
        "--",
        "-",
        "--=",
        "sh-port",
        ",",
        ",,",
        "0x",
        "0x.",
        "....",
        "255.255.255.0",
        "\u0000",
        "\ud800",
        "ipvsadm",
        "#",
        "99999999999999999999999999",
        "+",
        " ",
        "%s",
        "\\"
    };

    private static String randomWord(Random random) {
        String word = SOUP[random.nextInt(SOUP.length)];
        return switch (random.nextInt(6)) {
            case 0 -> word + SOUP[random.nextInt(SOUP.length)];
            case 1 -> word + (char) random.nextInt(0x10000);
            default -> word;
        };
    }
}
