package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

class DefenceTest {
    private final Sysctls sysctls = new Sysctls();
    private final ConnectionTable table = new ConnectionTable(400, 1);
    private final Defence defence = new Defence(sysctls, table);

    @AfterEach
    void close() {
        table.close();
    }

    private void fill(int entries) {
        for (int i = table.size(); i < entries; i++) {
            Endpoints ends = new Endpoints().setV4(6, 100 + i, 2).setPorts(3, 4);
            table.insert(ends, IpAddress.v4(5), 6, 0, ConnectionTable.NONE);
        }
    }

    private String refusals(int count) {
        StringBuilder seen = new StringBuilder();
        for (int i = 0; i < count; i++) {
            seen.append(defence.refuses() ? 'x' : '.');
        }
        return seen.toString();
    }

    @Test
    void refusesOneInTheRate() {
        sysctls.set(Sysctl.DROP_PACKET, 3);
        sysctls.set(Sysctl.AM_DROPRATE, 5);
        assertThat(refusals(6)).as("not decided yet").isEqualTo("......");
        defence.decide();
        // (recorded: sysctl-droppacket)
        assertThat(refusals(12)).isEqualTo("x....x....x.");
        sysctls.set(Sysctl.AM_DROPRATE, 0);
        defence.decide();
        assertThat(refusals(3)).isEqualTo("...");
        sysctls.set(Sysctl.DROP_PACKET, 0);
        sysctls.set(Sysctl.AM_DROPRATE, 1);
        defence.decide();
        assertThat(refusals(3)).isEqualTo("...");
    }

    @Test
    void automaticModesFollowTheRoomThatIsLeft() {
        for (Sysctl sysctl : List.of(Sysctl.DROP_PACKET, Sysctl.DROP_ENTRY, Sysctl.SECURE_TCP)) {
            sysctls.set(sysctl, 1);
        }
        sysctls.set(Sysctl.AMEMTHRESH, 40);
        fill(360);
        defence.decide();
        assertThat(refusals(100)).doesNotContain("x");
        assertThat(defence.dropsEntries() || defence.securesTcp()).isFalse();
        fill(380);
        defence.decide();
        assertThat(sysctls.get(Sysctl.SECURE_TCP)).isEqualTo(2);
        assertThat(sysctls.get(Sysctl.DROP_ENTRY)).isEqualTo(2);
        assertThat(sysctls.get(Sysctl.DROP_PACKET)).isEqualTo(2);
        assertThat(defence.dropsEntries() && defence.securesTcp()).isTrue();
        assertThat(refusals(6)).as("40 / (40 - 20)").isEqualTo(".x.x.x");
        fill(400);
        defence.decide();
        assertThat(refusals(3)).as("full").isEqualTo("xxx");
        while (table.size() > 300) {
            int slot = 0;
            while (!table.used(slot)) {
                slot++;
            }
            table.remove(slot);
        }
        defence.decide();
        assertThat(sysctls.get(Sysctl.SECURE_TCP)).isEqualTo(1);
        assertThat(defence.dropsEntries() || defence.securesTcp()).isFalse();
        assertThat(refusals(100)).doesNotContain("x");
    }

    // A threshold above the table's size would never let go.
    @Test
    void aQuarterOfTheTableIsRoomEnough() {
        sysctls.set(Sysctl.DROP_ENTRY, 1);
        fill(300);
        defence.decide();
        assertThat(defence.dropsEntries()).isFalse();
        fill(301);
        defence.decide();
        assertThat(defence.dropsEntries()).isTrue();
    }
}
