package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.config.Configuration;
import io.weir.control.config.PushConfig;
import io.weir.control.config.VrrpInstanceConfig;

import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.util.List;

/** Both routers read the same file; what differs between them is seen from their addresses. */
class RolesTest {
    private static final String TEXT =
            """
            primary = 192.0.2.11
            backup = 192.0.2.12
            backup_active = 1
            push_certificate = /c.pem
            push_key = /k.pem
            push_trust = /t.pem
            network = nat
            nat_router = 10.0.0.254 eth1:1
            vrrp outside {
              interface = eth0
              virtual_router_id = 51
              priority = 150
              backup_priority = 100
              state = MASTER
              peers = 192.0.2.11 192.0.2.12
            }
            vrrp inside {
              interface = eth1
              virtual_router_id = 52
            }
            vrrp_sync_group both {
              group = outside inside
            }
            virtual web {
              active = 1
              address = 192.0.2.1 eth0:1
              vrrp = outside
              server a {
                active = 1
                address = 10.0.0.1
              }
            }
            """
                    .replace("network = nat", "network = nat\nvrrp = inside");

    @Test
    void thePrimary() throws LvsCfException {
        Configuration configuration = read("192.0.2.11", "10.0.0.11");
        VrrpInstanceConfig outside = configuration.vrrp().getFirst();
        assertThat(outside.priority()).isEqualTo(150);
        assertThat(outside.startsActive()).isTrue();
        assertThat(outside.peers()).containsExactly(Reads.address("192.0.2.12"));
        PushConfig push = configuration.push();
        assertThat(push).isNotNull();
        assertThat(push.listen()).isEqualTo(new InetSocketAddress("192.0.2.11", 3637));
        assertThat(push.partner()).isEqualTo(new InetSocketAddress("192.0.2.12", 3637));
    }

    @Test
    void theBackup() throws LvsCfException {
        Configuration configuration = read("192.0.2.12", "10.0.0.12");
        VrrpInstanceConfig outside = configuration.vrrp().getFirst();
        assertThat(outside.priority()).isEqualTo(100);
        assertThat(outside.startsActive()).isFalse();
        assertThat(outside.peers()).containsExactly(Reads.address("192.0.2.11"));
        PushConfig push = configuration.push();
        assertThat(push).isNotNull();
        assertThat(push.listen()).isEqualTo(new InetSocketAddress("192.0.2.12", 3637));
        assertThat(push.partner()).isEqualTo(new InetSocketAddress("192.0.2.11", 3637));
    }

    @Test
    void addressesMoveWithTheVirtualRouterThatTheyName() throws LvsCfException {
        Configuration configuration = read("192.0.2.99");
        assertThat(configuration.heartbeat()).isNull();
        List<VrrpInstanceConfig> vrrp = configuration.vrrp();
        assertThat(vrrp.get(0).addresses())
                .extracting(each -> each.address().toString())
                .containsExactly("192.0.2.1");
        assertThat(vrrp.get(1).addresses())
                .extracting(each -> each.address().toString())
                .containsExactly("10.0.0.254");
        assertThat(vrrp.get(0).peers()).hasSize(2);
        assertThat(configuration.syncGroups().getFirst().instances())
                .containsExactly("outside", "inside");
        PushConfig push = configuration.push();
        assertThat(push).isNotNull();
        assertThat(push.listen()).isNull();
        assertThat(push.partner()).isNull();
    }

    private static Configuration read(String... addresses) throws LvsCfException {
        return LvsCf.inspect("lvs.cf", TEXT, Reads.host(addresses)).configuration();
    }
}
