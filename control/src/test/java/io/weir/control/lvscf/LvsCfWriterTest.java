package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Configuration;
import io.weir.control.config.ServiceConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

class LvsCfWriterTest {
    private static final int ROUNDS = 500;

    @Test
    void whatIsWrittenIsReadAsTheSame() throws LvsCfException {
        long seed = System.nanoTime();
        RandomConfigurations configurations = new RandomConfigurations(new Random(seed));
        for (int i = 0; i < ROUNDS; i++) {
            Configuration configuration = configurations.configuration();
            String text = LvsCfWriter.write("lvs.cf", configuration).text();
            assertThat(Reads.read(text))
                    .as("seed %d, round %d%n%s", seed, i, text)
                    .isEqualTo(configuration);
        }
    }

    @Test
    void anyConfigurationCanTakeThePlaceOfAnyOther() throws LvsCfException {
        long seed = System.nanoTime();
        RandomConfigurations configurations = new RandomConfigurations(new Random(seed));
        LvsCfDocument document = LvsCfDocument.parse("lvs.cf", "# ours\nserial_no = 5\n");
        int serial = 5;
        for (int i = 0; i < ROUNDS / 5; i++) {
            Configuration wanted = configurations.configuration();
            document = LvsCfWriter.write(document, wanted, Reads.host());
            serial++;
            assertThat(document.text()).as("seed %d", seed).startsWith("# ours\n");
            assertThat(Reads.read(document.text()))
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(LvsCfWriter.withSerial(wanted, serial));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nat-marks.cf", "direct.cf", "failover.cf"})
    void aSampleStaysAsItIsButForItsSerialNumber(String name) throws IOException, LvsCfException {
        String text = Reads.sample(name);
        LvsCfDocument document = LvsCfDocument.parse("lvs.cf", text);
        LvsCfDocument written = LvsCfWriter.write(document, Reads.read(text), Reads.host());
        assertThat(written.text()).isEqualTo(LvsCfEdit.nextSerial(document).text());
        String anew = LvsCfWriter.write("lvs.cf", Reads.read(text)).text();
        assertThat(Reads.read(anew)).isEqualTo(Reads.read(text));
    }

    private static final String TEXT =
            """
            # the pair
            serial_no = 7
            primary = 192.0.2.11
            network = direct

            virtual web {
              active = 1
              address = 192.0.2.1 eth0:1
              scheduler = rr
              # two machines
              server a {
                active = 1
                address = 10.0.0.1
                weight = 1
              }
              server b {
                active = 1
                address = 10.0.0.2
              }
              server c {
                active = 0
                address = 10.0.0.3
              }
            }
            """;

    @Test
    void aChangedWeightAndSchedulerAreTwoLines() throws LvsCfException {
        assertThat(
                        change(
                                text ->
                                        text.replace("= rr", "= wlc")
                                                .replace("weight = 1", "weight = 9")))
                .isEqualTo(
                        TEXT.replace("= rr", "= wlc")
                                .replace("weight = 1", "weight = 9")
                                .replace("serial_no = 7", "serial_no = 8"));
    }

    @Test
    void aServerLessAndAnotherMore() throws LvsCfException {
        String without = TEXT.replaceFirst("(?s)  server b .*?}\n", "");
        assertThat(change(text -> without)).isEqualTo(without.replace("= 7", "= 8"));
        String more = TEXT.replace("    active = 0", "    active = 1");
        assertThat(change(text -> more))
                .startsWith(TEXT.substring(0, TEXT.indexOf("server c")).replace("= 7", "= 8"))
                .contains("server c {\n    active = 1\n    address = 10.0.0.3\n    port = 80\n");
    }

    @Test
    void anotherServiceAndAnotherCheck() throws LvsCfException {
        String more = TEXT + "virtual mail {\n active = 1\n address = 192.0.2.2 eth0:2\n}\n";
        assertThat(change(text -> more))
                .startsWith(TEXT.replace("= 7", "= 8") + "virtual mail {\n");
        String checked = TEXT.replace("  # two", "  timeout = 3\n  # two");
        assertThat(change(text -> checked)).contains("# two machines\n  server a {\n");
    }

    @Test
    void blocksInAnotherOrderAreWrittenAnewUnderTheFirstComment() throws LvsCfException {
        Configuration before =
                Reads.read(
                        TEXT
                                + TEXT.substring(TEXT.indexOf("virtual"))
                                        .replace("virtual web", "virtual other")
                                        .replace("192.0.2.1 ", "192.0.2.3 "));
        List<ServiceConfig> turned = new ArrayList<>(before.services()).reversed();
        Configuration wanted =
                new Configuration(
                        0,
                        before.timeouts(),
                        turned,
                        before.localServices(),
                        before.marks(),
                        before.masquerade(),
                        before.heartbeat(),
                        before.vrrp(),
                        before.syncGroups(),
                        before.connectionSync(),
                        before.push(),
                        before.scripts());
        LvsCfDocument document = LvsCfDocument.parse("lvs.cf", TEXT);
        LvsCfDocument written = LvsCfWriter.write(document, wanted, Reads.host());
        assertThat(written.text()).startsWith("# the pair\nserial_no = 8\n");
        assertThat(Reads.read(written.text()).services()).isEqualTo(turned);
    }

    private static String change(UnaryOperator<String> change) throws LvsCfException {
        Configuration wanted = Reads.read(change.apply(TEXT));
        LvsCfDocument written =
                LvsCfWriter.write(LvsCfDocument.parse("lvs.cf", TEXT), wanted, Reads.host());
        assertThat(Reads.read(written.text())).isEqualTo(LvsCfWriter.withSerial(wanted, 8));
        return written.text();
    }
}
