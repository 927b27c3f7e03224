package io.weir.dataplane.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

class NeighbourTableTest {
    private final NeighbourTable table = new NeighbourTable(new WayChanges());

    private static NeighbourEntry usable(int link, int address) {
        NeighbourEntry.State state = NeighbourEntry.State.USABLE;
        return new NeighbourEntry(link, IpAddress.v4(address), state, 0x0200_0000_0000L | address);
    }

    @Test
    void keepsOneForEachLinkAndAddress() {
        Random random = Seed.ofThisRun().random();
        Map<Long, Neighbour> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            int link = random.nextInt(4);
            int address = random.nextInt(3000) << random.nextInt(20);
            Neighbour found = table.get(link, address);
            Neighbour known = model.putIfAbsent((long) link << 32 | address, found);
            assertThat(found).as(Seed.ofThisRun().toString()).isNotNull();
            assertThat(known == null || found.equals(known)).isTrue();
            assertThat(found.linkIndex()).isEqualTo(link);
            assertThat(found.address()).isEqualTo(address);
        }
        assertThat(table.size()).isEqualTo(model.size());
    }

    @Test
    void takesNews() {
        Neighbour neighbour = table.get(1, 5);
        assertThat(neighbour.usable()).isFalse();
        assertThat(table.update(usable(1, 5))).isSameAs(neighbour);
        assertThat(neighbour.usable()).isTrue();
        assertThat(neighbour.mac()).isEqualTo(0x0200_0000_0005L);
        table.update(
                new NeighbourEntry(
                        1, IpAddress.v4(5), NeighbourEntry.State.STALE, 0x0200_0000_0006L));
        assertThat(neighbour.usable()).isTrue();
        table.update(new NeighbourEntry(1, IpAddress.v4(5), NeighbourEntry.State.FAILED, 0));
        assertThat(neighbour.usable()).isFalse();
    }

    @Test
    void theSilentMakeRoomBeforeThoseThatAnswer() {
        for (int i = 0; i < NeighbourTable.LIMIT / 2; i++) {
            table.update(usable(1, i));
        }
        for (int i = 0; i < NeighbourTable.LIMIT; i++) {
            assertThat(table.get(2, i)).isNotNull();
            assertThat(table.size()).isLessThanOrEqualTo(NeighbourTable.LIMIT);
        }
        for (int i = 0; i < NeighbourTable.LIMIT / 2; i++) {
            assertThat(table.find(1, i)).isNotNull();
        }
    }

    @Test
    void whoeverIsWaitedForStays() {
        Neighbour awaited = table.get(1, 7);
        awaited.setPending(0, 1);
        for (int i = 0; i < NeighbourTable.LIMIT * 2; i++) {
            table.update(usable(2, i));
        }
        assertThat(table.find(1, 7)).isSameAs(awaited);
        assertThat(table.size()).isLessThanOrEqualTo(NeighbourTable.LIMIT);
    }

    @Test
    void aFullTableIsNotWalkedForEveryNeighbour() {
        for (int i = 0; i < NeighbourTable.LIMIT * 4; i++) {
            assertThat(table.update(usable(1, i))).isNotNull();
        }
        assertThat(table.evictions()).isLessThan(8);
    }
}
