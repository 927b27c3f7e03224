package io.weir.nat.ftp;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class FtpTextTest {
    private static final int BLOCK_BYTES = 4096;

    private final NativeBlock block = new NativeBlock(BLOCK_BYTES);
    private final FtpText text = new FtpText();

    @AfterEach
    void close() {
        block.close();
    }

    private int put(String segment) {
        byte[] bytes = segment.replace("$", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        Memory.copyIn(bytes, 0, block.address(), bytes.length);
        return bytes.length;
    }

    private String command(String segment) {
        int bytes = put(segment);
        return switch (text.readCommand(block.address(), bytes)) {
            case FtpText.NONE -> "nothing";
            case FtpText.PASV -> "PASV";
            case FtpText.EPSV -> "EPSV";
            case FtpText.PORT -> "PORT " + endpoint();
            case FtpText.EPRT -> "EPRT " + endpoint();
            default -> throw new AssertionError("not a command");
        };
    }

    private String endpoint() {
        IpAddress address =
                text.ipv6()
                        ? IpAddress.v6(text.addressHigh(), text.addressLow())
                        : IpAddress.v4((int) text.addressLow());
        return address + " " + text.port();
    }

    private String reply(String segment) {
        int bytes = put(segment);
        return switch (text.readReply(block.address(), bytes)) {
            case FtpText.NONE -> "nothing";
            case FtpText.PASSIVE ->
                    "227 " + endpoint() + " at " + text.addressAt() + "+" + text.addressBytes();
            case FtpText.EXTENDED_PASSIVE -> "229 " + text.port();
            default -> throw new AssertionError("not a reply");
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    PASV$;                            PASV
                    pasv$;                            PASV
                    EPSV$;                            EPSV
                    EPSV 1$;                          EPSV
                    TYPE I$PASV$;                     PASV
                    PASV$PORT 1,2,3,4,5,6$;           PORT 1.2.3.4 1286
                    PORT 172,17,111,124,126,18$;      PORT 172.17.111.124 32274
                    port 172,17,111,124,126,18$;      PORT 172.17.111.124 32274
                    PORT 1,2,3,4,0,1$;                PORT 1.2.3.4 1
                    EPRT |1|172.17.111.124|23833|$;   EPRT 172.17.111.124 23833
                    EPRT !1!1.2.3.4!5!$;              EPRT 1.2.3.4 5
                    EPRT |2|fd01::b|5282|$;           EPRT fd01::b 5282
                    EPRT |2|1080::8:800:200C:417A|5282|$; EPRT 1080::8:800:200c:417a 5282
                    """)
    void understandsCommands(String segment, String expected) {
        assertThat(command(segment)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    PAS
                    PASV
                    PASVE$
                    USER PASV$
                    PORT 1,2,3,4,5$
                    PORT 1,2,3,4,5,6
                    PORT 256,2,3,4,5,6$
                    PORT 1,2,3,4,0,0$
                    PORT 1,2,3,4,,6$
                    PORT1,2,3,4,5,6$
                    PORT 1,2,3,4,5,999999999999$
                    EPRT |1|1.2.3.4|5
                    EPRT |1|1.2.3|5|$
                    EPRT |1|1.2.3.4.5|5|$
                    EPRT |3|1.2.3.4|5|$
                    EPRT |2|1.2.3.4|5|$
                    EPRT |1|fd01::b|5|$
                    EPRT |1|1.2.3.4|0|$
                    EPRT |1|1.2.3.4|65536|$
                    EPRT $
                    RETR PORT 1,2,3,4,5,6$
                    """)
    void leavesOtherCommands(String segment) {
        assertThat(command(segment)).isEqualTo("nothing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    227 Entering Passive Mode (10,2,0,12,232,122).$; 227 10.2.0.12 59514 at 27+9
                    227 Entering Passive Mode 10,2,0,12,232,122$;    227 10.2.0.12 59514 at 26+9
                    227 =10,2,0,12,232,122$;                         227 10.2.0.12 59514 at 5+9
                    227 (010,002,0,012,0,21)$;                       227 10.2.0.12 21 at 5+13
                    226 done$227 (1,2,3,4,5,6)$;                     227 1.2.3.4 1286 at 15+7
                    227 nothing$227 (1,2,3,4,5,6)$;                  227 1.2.3.4 1286 at 18+7
                    229 Entering Extended Passive Mode (|||29896|)$; 229 29896
                    229 (!!!1!)$;                                    229 1
                    """)
    void understandsReplies(String segment, String expected) {
        assertThat(reply(segment)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    227
                    227 $
                    227-(1,2,3,4,5,6)$
                    227 (1,2,3,4,5,6
                    227 (1,2,3,4,5,)$
                    227 (1,2,3,4,0,0)$
                    227 (1,2,3,400,5,6)$
                    230-227 (1,2,3,4,5,6)$
                    229 (|||65536|)$
                    229 (|||0|)$
                    229 (|||5
                    229 (||5|)$
                    229 |||5|$
                    229 (1115551)$
                    """)
    void leavesOtherReplies(String segment) {
        assertThat(reply(segment)).isEqualTo("nothing");
    }

    @Test
    void looksAtTheFirstKilobyteAlone() {
        String late = "x".repeat(FtpText.LIMIT - 20) + "\n";
        assertThat(command(late + "PASV$")).isEqualTo("PASV");
        assertThat(command(late + "PORT 172,17,111,124,126,18$")).isEqualTo("nothing");
        assertThat(command("x".repeat(FtpText.LIMIT) + "\nPASV$")).isEqualTo("nothing");
    }

    private static final Pattern PORT_LINE =
            Pattern.compile(
                    "(?i:PORT) (\\d+),(\\d+),(\\d+),(\\d+),(\\d+),(\\d+)\\D.*", Pattern.DOTALL);

    @Test
    void agreesWithAPatternOnLinesThatAreAlmostRight() {
        Random random = Seed.ofThisRun().random();
        int understood = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder line = new StringBuilder("PORT ");
            for (int i = 0; i < 6; i++) {
                line.append(random.nextInt(20) == 0 ? 256 : random.nextInt(256));
                line.append(i < 5 ? "," : "\r\n");
            }
            if (random.nextBoolean()) {
                int at = random.nextInt(line.length());
                line.setCharAt(at, "0,P )\r\n5".charAt(random.nextInt(8)));
            }
            String found = command(line.toString());
            String expected = model(line.toString());
            assertThat(found).as("%s %s", Seed.ofThisRun(), line).isEqualTo(expected);
            understood += found.equals("nothing") ? 0 : 1;
        }
        assertThat(understood).isBetween(2_000, 19_000);
    }

    private static String model(String line) {
        Matcher match = PORT_LINE.matcher(line);
        if (!match.matches()) {
            return "nothing";
        }
        int[] numbers = new int[6];
        for (int i = 0; i < 6; i++) {
            if (match.group(i + 1).length() > 9 || Integer.parseInt(match.group(i + 1)) > 255) {
                return "nothing";
            }
            numbers[i] = Integer.parseInt(match.group(i + 1));
        }
        int port = numbers[4] << 8 | numbers[5];
        return port == 0
                ? "nothing"
                : "PORT %d.%d.%d.%d %d"
                        .formatted(numbers[0], numbers[1], numbers[2], numbers[3], port);
    }

    @Test
    void isNotMovedByWhatLiesBehindTheSegment() {
        Random random = Seed.ofThisRun().random();
        String alphabet = "227 9()|,.:0123456789PASVEORTpasv\r\nf";
        for (int round = 0; round < 50_000; round++) {
            StringBuilder segment =
                    new StringBuilder(
                            switch (random.nextInt(6)) {
                                case 0 -> "227 (";
                                case 1 -> "229 (|||";
                                case 2 -> "PORT ";
                                case 3 -> "EPRT |1|";
                                case 4 -> "EPRT |2|";
                                default -> "";
                            });
            for (int i = random.nextInt(40); i > 0; i--) {
                segment.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            Memory.fill(block.address(), 256, (byte) '1');
            String found = command(segment.toString()) + reply(segment.toString());
            Memory.fill(block.address(), 256, (byte) '\n');
            assertThat(command(segment.toString()) + reply(segment.toString()))
                    .as("%s %s", Seed.ofThisRun(), segment)
                    .isEqualTo(found);
        }
    }
}
