package io.weir.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

final class CheckCommandTest {
    private static final String GOOD =
            """
            serial_no = 4
            primary = 127.0.0.1
            network = direct
            active_cmd = /absent/notify
            virtual web {
                active = 1
                address = 192.0.2.1 absent0:1
                port = 8080
                server a {
                    active = 1
                    address = 192.0.2.2
                }
            }
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir private Path folder;

    @Test
    void showsWhatWouldRun() throws IOException {
        String file = file(GOOD);
        assertThat(run(file)).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines())
                .containsExactly(
                        file + " is good, serial number 4",
                        "this host has 127.0.0.1 and would be the primary router",
                        "a single router, 127.0.0.1",
                        "Addresses of the active router:",
                        "  192.0.2.1/32 on absent0 as absent0:1",
                        "Services, as ipvsadm-save writes them, with their checks:",
                        "  # web",
                        "  -A -t 192.0.2.1:8080 -s wlc",
                        "  -a -t 192.0.2.1:8080 -r 192.0.2.2:8080 -g -w 1",
                        "  #   a",
                        "  #     tcp connection at 192.0.2.2:8080, every 10 s, timeout 10 s,"
                                + " down after 1, up after 18",
                        "Worth a look:",
                        "  " + file + ": this host has no interface absent0",
                        "  " + file + ": there is no program /absent/notify on this host");
    }

    @Test
    void saysWhatThisHostWouldBe() throws IOException {
        String pair = GOOD + "backup = 192.0.2.12\nbackup_active = 1\n";
        assertThat(
                        run(
                                file(
                                        pair.replace("192.0.2.12", "127.0.0.1")
                                                .replaceFirst("127.0.0.1", "192.0.2.11"))))
                .isZero();
        assertThat(out.toString()).contains("this host has 127.0.0.1 and would be the backup");
        assertThat(run(file(pair.replace("127.0.0.1", "192.0.2.11")))).isZero();
        assertThat(out.toString())
                .contains("this host has neither 192.0.2.11 (primary) nor 192.0.2.12 (backup)");
        assertThat(run(file(GOOD.replace("127.0.0.1", "192.0.2.11")))).isZero();
        assertThat(out.toString())
                .contains("as the only router it would be active all the same")
                .contains("no interface absent0");
    }

    @Test
    void showsItAsJson() throws IOException {
        assertThat(run(file(GOOD), "--json")).isZero();
        JsonNode report = JsonMapper.builder().build().readTree(out.toString());
        assertThat(report.get("valid").asBoolean()).isTrue();
        assertThat(report.get("serial").asInt()).isEqualTo(4);
        assertThat(report.at("/services/0/servers/0/rule").asString())
                .isEqualTo("-a -t 192.0.2.1:8080 -r 192.0.2.2:8080 -g -w 1");
    }

    @Test
    void showsEveryMistake() throws IOException {
        String file = file(GOOD.replace("wlc", "").replace("port =", "prot =") + "}\nfoo = 1\n");
        assertThat(run(file)).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString().lines())
                .containsExactly(
                        file + ":8: there is no key prot in a virtual block; did you mean port?",
                        file + ":14: this } closes nothing; take it out, or look for a lost {",
                        file + ":15: there is no key foo at the top");
    }

    @Test
    void showsMistakesAsJson() throws IOException {
        assertThat(run(file("virtual {\n"), "--json")).isEqualTo(1);
        JsonNode report = JsonMapper.builder().build().readTree(out.toString());
        assertThat(report.get("valid").asBoolean()).isFalse();
        assertThat(report.get("mistakes").size()).isPositive();
    }

    @Test
    void anAbsentFileIsOneLine() {
        assertThat(run(folder + "/none")).isEqualTo(1);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines(
                        "weir: " + folder + "/none cannot be read: does not exist");
    }

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("lvs.cf"), text).toString();
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "check";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return WeirCommand.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(all);
    }
}
