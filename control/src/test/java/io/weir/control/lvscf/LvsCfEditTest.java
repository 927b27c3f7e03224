package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.List;

class LvsCfEditTest {
    private static final String TEXT =
            """
            # our pair
            serial_no = 7
            network = direct

            virtual web {
              # the shop
              active = 1
              address = 192.0.2.1 eth0:1
              scheduler = rr

              server a {
                address = 10.0.0.1
                active = 1
              }
              # the new machine
              server b {
                address = 10.0.0.2
                active = 1
              }
            }
            """;

    private static final BlockPath WEB = BlockPath.of("virtual", "web");

    @Test
    void aKeyThatIsThereChangesItsLineAlone() throws LvsCfException {
        LvsCfDocument document = LvsCfEdit.set(document(), WEB, "scheduler", List.of("wlc"));
        assertThat(document.text()).isEqualTo(TEXT.replace("scheduler = rr", "scheduler = wlc"));
    }

    @Test
    void aNewKeyGoesWherePiranhaWritesIt() throws LvsCfException {
        LvsCfDocument document = LvsCfEdit.set(document(), WEB, "port", List.of("81"));
        document = LvsCfEdit.set(document, BlockPath.TOP, "primary", List.of("192.0.2.11"));
        document = LvsCfEdit.set(document, WEB.in("server", "b"), "weight", List.of("3"));
        document = LvsCfEdit.set(document, WEB, "send", List.of("GET /\\r\\n"));
        document = LvsCfEdit.set(document, BlockPath.TOP, "failback", List.of("1"));
        assertThat(document.text())
                .isEqualTo(
                        TEXT.replace("eth0:1\n", "eth0:1\n  port = 81\n  send = \"GET /\\r\\n\"\n")
                                .replace("serial_no = 7\n", "serial_no = 7\nprimary = 192.0.2.11\n")
                                .replace("direct\n", "direct\nfailback = 1\n")
                                .replace(
                                        "10.0.0.2\n    active = 1\n",
                                        "10.0.0.2\n    active = 1\n    weight = 3\n"));
    }

    @Test
    void keysAndBlocksGo() throws LvsCfException {
        LvsCfDocument document = LvsCfEdit.remove(document(), WEB, "scheduler");
        document = LvsCfEdit.removeBlock(document, WEB.in("server", "a"));
        assertThat(document.text())
                .isEqualTo(
                        TEXT.replace("  scheduler = rr\n", "")
                                .replaceFirst("(?s)  server a .*?}\n", ""));
        assertThat(LvsCfEdit.removeBlock(document, WEB).text())
                .isEqualTo("# our pair\nserial_no = 7\nnetwork = direct\n\n");
    }

    @Test
    void blocksComeBehindThoseOfTheirType() throws LvsCfException {
        LvsCfDocument document = LvsCfEdit.addBlock(document(), WEB, "server", "my c");
        BlockPath server = WEB.in("server", "my c");
        document = LvsCfEdit.set(document, server, "address", List.of("10.0.0.3"));
        document = LvsCfEdit.addBlock(document, BlockPath.TOP, "virtual", "mail");
        assertThat(document.text())
                .isEqualTo(
                        TEXT.substring(0, TEXT.length() - 2)
                                + "     server \"my c\" {\n"
                                + "          address = 10.0.0.3\n"
                                + "     }\n"
                                + "}\n"
                                + "virtual mail {\n"
                                + "}\n");
    }

    @Test
    void oneOfSeveralBlocksOfAName() throws LvsCfException {
        LvsCfDocument document = LvsCfEdit.addBlock(document(), WEB, "check", "tcp");
        document = LvsCfEdit.addBlock(document, WEB, "check", "tcp");
        document = LvsCfEdit.set(document, WEB.in("check", "tcp", 1), "port", List.of("443"));
        assertThat(document.text())
                .contains("     check tcp {\n     }\n     check tcp {\n          port = 443\n");
    }

    @Test
    void theSerialNumberGrows() throws LvsCfException {
        assertThat(LvsCfEdit.nextSerial(document()).text())
                .isEqualTo(TEXT.replace("serial_no = 7", "serial_no = 8"));
        LvsCfDocument none = LvsCfEdit.remove(document(), BlockPath.TOP, "serial_no");
        assertThat(LvsCfEdit.nextSerial(none).text())
                .isEqualTo(TEXT.replace("serial_no = 7", "serial_no = 1"));
    }

    @Test
    void keysThatMayRepeatAreAdded() throws LvsCfException {
        LvsCfDocument document = document();
        for (String port : List.of("80", "443")) {
            document =
                    LvsCfEdit.add(
                            document,
                            BlockPath.TOP,
                            "mark_rule",
                            List.of("tcp", "to", "192.0.2.1", "port", port, "mark", "7"));
        }
        assertThat(document.text())
                .contains(
                        """
                        direct
                        mark_rule = tcp to 192.0.2.1 port 80 mark 7
                        mark_rule = tcp to 192.0.2.1 port 443 mark 7
                        """);
    }

    @Test
    void aWordWithBothKindsOfQuotesInsideIsWrittenBare() throws LvsCfException {
        assertThat(LvsCfEdit.set(document(), BlockPath.TOP, "active_cmd", List.of("/a'\"b")).text())
                .contains("\nactive_cmd = /a'\"b\n");
    }

    @Test
    void whatCannotBeIsRefused() throws LvsCfException {
        LvsCfDocument document = document();
        assertThatThrownBy(() -> LvsCfEdit.set(document, WEB, "wieght", List.of("1")))
                .hasMessage("there is no key wieght in a virtual block");
        assertThatThrownBy(
                        () -> LvsCfEdit.set(document, WEB.in("server", "z"), "port", List.of("1")))
                .hasMessage("there is no block server z");
        assertThatThrownBy(() -> LvsCfEdit.addBlock(document, BlockPath.TOP, "server", "z"))
                .hasMessage("server cannot stand at the top");
        assertThatThrownBy(() -> LvsCfEdit.set(document, WEB, "send", List.of("a\nb")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LvsCfEdit.set(document, WEB, "send", List.of("'\"")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static LvsCfDocument document() throws LvsCfException {
        return LvsCfDocument.parse("lvs.cf", TEXT);
    }
}
