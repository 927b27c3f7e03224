package io.weir.control.ipvsadm;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.Balancer;

import org.junit.jupiter.api.Test;

/** How tunnels are listed and saved, every kind with every checksum option. */
class TunnelListingTest {
    private static final String RULES =
            """
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -i -w 1 --tun-type ipip
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
            -a -t 10.1.0.100:80 -r 10.2.0.13:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum
            -a -t 10.1.0.100:80 -r 10.2.0.14:80 -i -w 1 --tun-type gue --tun-port 65535 --tun-remcsum
            -a -t 10.1.0.100:80 -r 10.2.0.15:80 -i -w 1 --tun-type gre --tun-nocsum
            -a -t 10.1.0.100:80 -r 10.2.0.16:80 -i -w 1 --tun-type gre --tun-csum
            """;

    @Test
    void savesWhatWasGiven() throws Exception {
        try (Balancer balancer = Balancer.builder().rules(RULES).build()) {
            assertThat(balancer.ipvsadm("-S", "-n").output()).isEqualTo(RULES);
        }
    }

    @Test
    void listsTheTunnels() throws Exception {
        try (Balancer balancer = Balancer.builder().rules(RULES).build()) {
            assertThat(balancer.ipvsadm("-Ln", "--tun-info", "-t", "10.1.0.100:80").output())
                    .isEqualTo(
                            """
                            Prot LocalAddress:Port Scheduler Flags
                              -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn
                            TCP  10.1.0.100:80 rr
                              -> 10.2.0.11:80                 Tunnel  ipip          1      0          0\s\s\s\s\s\s\s\s\s
                              -> 10.2.0.12:80                 Tunnel  gue:6080:-c   1      0          0\s\s\s\s\s\s\s\s\s
                              -> 10.2.0.13:80                 Tunnel  gue:6080:+c   1      0          0\s\s\s\s\s\s\s\s\s
                              -> 10.2.0.14:80                 Tunnel  gue:65535:r+c 1      0          0\s\s\s\s\s\s\s\s\s
                              -> 10.2.0.15:80                 Tunnel  gre:-c        1      0          0\s\s\s\s\s\s\s\s\s
                              -> 10.2.0.16:80                 Tunnel  gre:+c        1      0          0\s\s\s\s\s\s\s\s\s
                            """);
        }
    }
}
