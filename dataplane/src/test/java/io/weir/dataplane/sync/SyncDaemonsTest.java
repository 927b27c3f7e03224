package io.weir.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Daemons start, stop and are refused as the kernel's (recorded: daemon-errors, daemon-opts). */
class SyncDaemonsTest {
    private final FakeSyncHost host = new FakeSyncHost();
    private final SyncDaemons daemons = new SyncDaemons(host, host);

    private static SyncDaemon daemon(SyncRole role, int maxLength, IpAddress group) {
        return new SyncDaemon(role, "sync", 7, maxLength, group, 8848, 1);
    }

    private static SyncDaemon daemon(SyncRole role) {
        return daemon(role, 0, SyncDaemon.DEFAULT_GROUP);
    }

    @Test
    void oneOfEachRuns() {
        assertThat(daemons.stop(SyncRole.MASTER)).isEqualTo(SyncDaemonResult.NOT_RUNNING);
        assertThat(daemons.start(daemon(SyncRole.BACKUP))).isEqualTo(SyncDaemonResult.DONE);
        assertThat(daemons.start(daemon(SyncRole.MASTER))).isEqualTo(SyncDaemonResult.DONE);
        assertThat(daemons.start(daemon(SyncRole.MASTER)))
                .isEqualTo(SyncDaemonResult.ALREADY_RUNNING);
        assertThat(daemons.running())
                .extracting(SyncDaemon::role)
                .containsExactly(SyncRole.MASTER, SyncRole.BACKUP);
        assertThat(host.open()).isEqualTo(2);
        assertThat(daemons.stop(SyncRole.MASTER)).isEqualTo(SyncDaemonResult.DONE);
        assertThat(daemons.stop(SyncRole.BACKUP)).isEqualTo(SyncDaemonResult.DONE);
        assertThat(host.open()).isZero();
        assertThat(host.working()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "MASTER, 1500, 0, 1472", "MASTER, 9000, 0, 1472", "BACKUP, 1500, 0, 1472",
        "BACKUP, 9000, 0, 8972", "BACKUP, 600, 0, 1472", "MASTER, 1500, 43, 43",
        "BACKUP, 1500, 43, 1024", "MASTER, 1500, 65507, 65507"
    })
    void findsTheLongestMessage(SyncRole role, int mtu, int asked, int found) {
        host.setMtu(mtu);
        assertThat(daemons.start(daemon(role, asked, SyncDaemon.DEFAULT_GROUP)))
                .isEqualTo(SyncDaemonResult.DONE);
        assertThat(daemons.running().getFirst().maxLength()).isEqualTo(found);
    }

    @Test
    void ipv6HeadersAreLonger() {
        daemons.start(daemon(SyncRole.MASTER, 0, IpAddress.v6(0xff02L << 48, 0x181)));
        assertThat(daemons.running().getFirst().maxLength()).isEqualTo(1452);
    }

    @Test
    void refuses() {
        host.setMtu(0);
        assertThat(daemons.start(daemon(SyncRole.MASTER))).isEqualTo(SyncDaemonResult.NO_INTERFACE);
        host.setMtu(1500);
        host.setRefusing(true);
        assertThat(daemons.start(daemon(SyncRole.BACKUP))).isEqualTo(SyncDaemonResult.NO_SOCKETS);
        assertThat(daemons.start(daemon(SyncRole.MASTER))).isEqualTo(SyncDaemonResult.NO_SOCKETS);
        assertThat(host.working()).isZero();
        host.setRefusing(false);
        host.setMixed(true);
        assertThat(daemons.start(daemon(SyncRole.MASTER)))
                .isEqualTo(SyncDaemonResult.MIXED_FAMILIES);
        assertThat(daemons.running()).isEmpty();
    }

    /** The second daemon has as many ports as the first, whatever sync_ports says by then. */
    @Test
    void bothHaveAsManyPorts() {
        host.setPorts(4);
        daemons.start(daemon(SyncRole.BACKUP));
        host.setPorts(2);
        daemons.start(daemon(SyncRole.MASTER));
        assertThat(host.openedPorts()).containsExactly(4, 4);
    }
}
