package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.config.Configuration;
import io.weir.control.config.ServerConfig;
import io.weir.control.config.ServiceConfig;
import io.weir.control.mark.MarkText;
import io.weir.control.masquerade.MasqueradeText;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;

/**
 * Several virtual blocks with one firewall mark are one service; the manual's recipes with marks.
 */
class MarksTest {
    private static final String WEB =
            """
            virtual web {
              active = 1
              address = 192.0.2.1 eth0:1
              fwmark = 80
              persistent = 300
              quorum = 2
              server a {
                active = 1
                address = 10.0.0.1
              }
            }
            """;

    private static final String TLS =
            WEB.replace("virtual web", "virtual tls")
                    .replace("fwmark = 80", "fwmark = 80\n  port = 443")
                    .replace("quorum = 2\n", "quorum = 1\n");

    @Test
    void blocksOfOneMarkAreOneServiceWithAllChecks() throws LvsCfException {
        Configuration configuration = Reads.read(WEB + TLS);
        assertThat(configuration.services()).hasSize(1);
        ServiceConfig service = configuration.services().getFirst();
        assertThat(service.name()).isEqualTo("web+tls");
        assertThat(service.quorum()).isEqualTo(2);
        ServerConfig server = Reads.onlyServer(configuration);
        assertThat(server.id().port()).as("the client's port is kept").isZero();
        assertThat(server.checks()).extracting(check -> check.port()).containsExactly(80, 443);
        assertThat(configuration.marks().stream().map(MarkText::line))
                .containsExactly(
                        "tcp to 192.0.2.1 port 80 mark 80", "tcp to 192.0.2.1 port 443 mark 80");
    }

    @Test
    void anAddressOfTheOtherFamilyIsAnotherService() throws LvsCfException {
        String six = TLS.replace("192.0.2.1", "fd00::1").replace("10.0.0.1", "fd00::a");
        assertThat(Reads.read(WEB + six).services())
                .extracting(ServiceConfig::id)
                .containsExactly(ServiceId.ofMark(80, false), ServiceId.ofMark(80, true));
    }

    @Test
    void whatIsNotTheSameIsSaidWithBothLines() {
        assertThatThrownBy(
                        () -> Reads.read(WEB + TLS.replace("persistent = 300", "persistent = 60")))
                .hasMessage(
                        "lvs.cf:17: virtual tls has the mark of virtual web, line 5, so that both"
                                + " are one service; write the same persistent in both");
        String other = TLS.replace("  fwmark", "  scheduler = rr\n  fwmark");
        assertThatThrownBy(() -> Reads.read(WEB + other))
                .hasMessage(
                        "lvs.cf:15: virtual tls has the mark of virtual web, line 1, so that both"
                                + " are one service; write the same scheduler in both");
        String heavier = TLS.replace("10.0.0.1\n", "10.0.0.1\n    weight = 2\n");
        assertThatThrownBy(() -> Reads.read(WEB + heavier))
                .hasMessage(
                        "lvs.cf:19: server a and a in line 7 are one server of one mark; write the"
                                + " same weight and other keys in both");
    }

    @Test
    void twoServicesOfOneAddressAndPortAreRefused() {
        String text = (WEB + WEB).replace("  fwmark = 80\n", "");
        assertThatThrownBy(() -> Reads.read(text))
                .hasMessage(
                        "lvs.cf:13: the block in line 1 has the same address, port and protocol;"
                                + " take one of them out, or give it another port");
    }

    @Test
    void passiveAndActiveFtp() throws LvsCfException {
        Configuration configuration =
                Reads.read(
                        """
                        network = nat
                        masquerade_rule = tcp 10.0.0.0/24 sport 20 behind 192.0.2.1
                        virtual ftp {
                          active = 1
                          address = 192.0.2.1 eth0:1
                          fwmark = 21
                          port = 21
                          mark_ports = 10000:20000
                          persistent = 900
                          expect = "220"
                          server a {
                            active = 1
                            address = 10.0.0.1
                          }
                        }
                        """);
        assertThat(configuration.marks().stream().map(MarkText::line))
                .containsExactly(
                        "tcp to 192.0.2.1 port 21 mark 21",
                        "tcp to 192.0.2.1 port 10000-20000 mark 21");
        assertThat(configuration.masquerade().stream().map(MasqueradeText::line))
                .containsExactly("tcp 10.0.0.0/24 sport 20 behind 192.0.2.1");
        assertThat(Reads.onlyServer(configuration).checks())
                .extracting(c -> c.port())
                .containsExactly(21);
    }
}
