package io.weir.dataplane.io.pcap4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;

/** On a machine without libpcap, in a JVM of its own: the library is loaded once per process. */
class WithoutLibpcapTest {
    /** The other JVM: opens a port and prints why that fails. */
    static final class OpenPort {
        private OpenPort() {}

        public static void main(String[] arguments) {
            try {
                Pcap4jPort.open("lo", 1).close();
            } catch (IOException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void tellsWhatToInstall() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String output =
                NamespaceLab.run(
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.pcap4j.core.pcapLibName=no-such-libpcap",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OpenPort.class.getName());
        assertThat(output)
                .contains("lo: libpcap or Pcap4J is not there; install libpcap (on Debian");
    }
}
