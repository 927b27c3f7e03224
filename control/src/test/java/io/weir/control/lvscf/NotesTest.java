package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

/** What works, but is worth a word. */
class NotesTest {
    private static final String WEB =
            """
            primary = 192.0.2.11
            virtual web {
              active = 1
              address = 192.0.2.1 eth0:1
              server a {
                active = 1
                address = 10.0.0.1
              }
            }
            """;

    @Test
    void nothingIsSaidOfAPlainFile() throws LvsCfException {
        assertThat(notes(WEB)).isEmpty();
    }

    @Test
    void aMarkWithoutPersistence() throws LvsCfException {
        assertThat(notes(WEB.replace("  server", "  fwmark = 7\n  server")))
                .singleElement()
                .asString()
                .startsWith("lvs.cf:5: without persistent the connections of one client may go");
    }

    @Test
    void anotherPortWithoutTranslation() throws LvsCfException {
        String text = WEB.replace("0.1\n  }", "0.1\n    port = 81\n    network = direct\n  }");
        assertThat(notes(text))
                .containsExactly(
                        "lvs.cf:8: network = nat alone changes ports; packets reach server a on"
                                + " port 80, and only checks go to 81");
    }

    @Test
    void anAddressWithoutAnInterface() throws LvsCfException {
        assertThat(notes(WEB.replace(" eth0:1", "")))
                .containsExactly(
                        "lvs.cf:4: without an interface behind 192.0.2.1 weir does not put it on"
                                + " one");
        assertThat(notes(WEB.replace("primary = 192.0.2.11", "")))
                .singleElement()
                .asString()
                .startsWith("lvs.cf:4: without primary = ADDRESS of this router weir puts no");
    }

    @Test
    void whatIsNotActive() throws LvsCfException {
        String idle = WEB.replace("    active = 1\n", "");
        assertThat(notes(idle))
                .containsExactly(
                        "lvs.cf:2: virtual web has no active server",
                        "lvs.cf:5: server a is not used without active = 1");
        assertThat(notes("serial_no = 1\n"))
                .containsExactly(
                        "lvs.cf: there is no active service; weir would have nothing to do");
    }

    @Test
    void halfOfASecondPathOrOfAPair() throws LvsCfException {
        assertThat(notes("backup = 192.0.2.12\n" + WEB))
                .containsExactly(
                        "lvs.cf:1: the backup router is not used without backup_active = 1");
        String pair = "backup_active = 1\nbackup = 192.0.2.12\nprimary_private = 10.0.0.11\n";
        assertThat(notes(pair + WEB))
                .containsExactly(
                        "lvs.cf:3: there is no second heartbeat path without backup_private");
    }

    @Test
    void keysOfTheHeartbeatBesideVrrp() throws LvsCfException {
        String vrrp = "vrrp one {\n interface = eth0\n virtual_router_id = 1\n}\n";
        assertThat(notes("keepalive = 1\n" + vrrp + WEB))
                .containsExactly(
                        "lvs.cf:1: keepalive has no effect: vrrp blocks replace the heartbeat");
    }

    @Test
    void aServerOfOneOfTwoBlocksWithAMark() throws LvsCfException {
        String marked = WEB.replace("  server a", "  fwmark = 7\n  persistent = 9\n  server a");
        String more =
                marked.replaceFirst("(?s)primary.*?\n", "")
                        .replace("virtual web", "virtual b")
                        .replace("server a", "server c")
                        .replace("10.0.0.1", "10.0.0.3");
        assertThat(notes(marked + more))
                .containsExactly(
                        "lvs.cf:2: virtual web gets server c of line 17 too, which has the same"
                                + " mark, without a check of its own for it",
                        "lvs.cf:12: virtual b gets server a of line 7 too, which has the same"
                                + " mark, without a check of its own for it");
    }

    private static List<String> notes(String text) throws LvsCfException {
        return Reads.inspect(text).notes();
    }
}
