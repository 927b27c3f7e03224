package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class ManyServersTest {
    private static final int SERVICES = 100;
    private static final int SERVERS = 100;

    @Test
    void tenThousandServersAreReadInAReasonableTime() throws LvsCfException {
        StringBuilder text = new StringBuilder("network = direct\n");
        for (int i = 0; i < SERVICES; i++) {
            text.append("virtual v").append(i).append(" {\n active = 1\n address = 192.0.2.");
            text.append(i).append(" eth0:").append(i).append("\n load_monitor = rup\n");
            text.append(" send = \"GET / HTTP/1.0\\r\\n\\r\\n\"\n expect = HTTP\n use_regex = 1\n");
            for (int j = 0; j < SERVERS; j++) {
                text.append(" server s").append(j).append(" {\n  active = 1\n  address = 10.");
                text.append(i).append(".0.").append(j).append("\n  weight = 3\n }\n");
            }
            text.append("}\n");
        }
        String file = text.toString();
        Reads.read(file);
        long start = System.nanoTime();
        var configuration = Reads.read(file);
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        assertThat(configuration.services()).hasSize(SERVICES);
        assertThat(configuration.services()).allMatch(each -> each.servers().size() == SERVERS);
        // It takes half a second on two busy cores; the limit is for busier ones.
        assertThat(taken).isLessThan(Duration.ofSeconds(10));
    }
}
