package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.proc.ProcFile;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ConnectionListing;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;

/**
 * What ipvsadm makes of the kernel's file of connections, of both families and of tunnels between
 * them: from the same connections, weir has to make the same file and the same listings.
 */
final class RecordedConnectionsTest {
    private final List<String> recorded = Recording.lines("recorded-connections.txt");
    private final List<String> file =
            recorded.stream().filter(l -> l.startsWith(":")).map(l -> l.substring(1)).toList();
    private final RuleTable table = new RuleTable();

    @BeforeEach
    void readConnections() {
        file.stream().skip(1).map(RecordedConnectionsTest::connection).forEach(table::put);
    }

    private static ConnectionListing connection(String line) {
        String[] words = line.split(" +", -1);
        return new ConnectionListing(
                switch (words[0]) {
                    case "TCP" -> 6;
                    case "UDP" -> 17;
                    case "SCTP" -> 132;
                    default -> 0;
                },
                address(words[1]),
                HexFormat.fromHexDigits(words[2]),
                address(words[3]),
                HexFormat.fromHexDigits(words[4]),
                address(words[5]),
                HexFormat.fromHexDigits(words[6]),
                words[7],
                Integer.parseInt(words[8]),
                false,
                words.length > 9 ? words[9] : null,
                words.length > 9 ? words[10] : null);
    }

    private static IpAddress address(String text) {
        return IpAddress.of(HexFormat.of().parseHex(text.replace(":", "")));
    }

    @Test
    void printsTheFile() throws IOException {
        StringBuilder text = new StringBuilder();
        ProcFile.CONNECTIONS.write(table, text);
        assertThat(text.toString().lines().toList()).isEqualTo(file).hasSize(49);
    }

    @Test
    void printsTheListings() {
        List<Recording.Case> cases =
                Recording.cases(
                        recorded.stream().filter(l -> "$|=".indexOf(l.charAt(0)) >= 0).toList());
        assertThat(cases).hasSize(2);
        for (Recording.Case listing : cases) {
            assertThat(new Ipvsadm(table, Recording.names()).run(listing.arguments()))
                    .as(listing.toString())
                    .isEqualTo(new Ipvsadm.Outcome(0, listing.output(), ""));
        }
    }
}
