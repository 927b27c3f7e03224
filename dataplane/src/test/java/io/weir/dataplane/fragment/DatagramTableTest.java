package io.weir.dataplane.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.packet.DropCounters;
import io.weir.dataplane.packet.Packet;
import io.weir.dataplane.packet.PacketBurst;
import io.weir.dataplane.parse.PacketParser;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class DatagramTableTest {
    private static final int DATAGRAMS = 20;

    private final NativeBlock block = new NativeBlock(128);
    private final PacketParser parser = new PacketParser(new DropCounters());
    private final PacketBurst burst = new PacketBurst();
    private final Fragment fragment = new Fragment();

    @AfterEach
    void close() {
        block.close();
    }

    private Fragment fragment(int source, int id) {
        byte[] frame =
                Frames.udp()
                        .from("10.0.0." + source)
                        .to("10.1.0.100")
                        .id(id)
                        .fragment(8, true, new byte[8]);
        Memory.copyIn(frame, 0, block.address(), frame.length);
        burst.clear();
        burst.add(block.address(), frame.length, 0);
        Packet packet = burst.get(0);
        parser.ethertype(packet);
        parser.ipv4(packet);
        fragment.readIpv4(packet);
        return fragment;
    }

    private record Name(int source, int id) {}

    @Test
    void agreesWithAMap() {
        Random random = Seed.ofThisRun().random();
        DatagramTable table = new DatagramTable(DATAGRAMS, random.nextLong());
        Map<Name, Integer> model = new LinkedHashMap<>();
        List<Integer> removed = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            String what = Seed.ofThisRun() + " step " + step;
            Name name = new Name(1 + random.nextInt(6), random.nextInt(8));
            Integer known = model.get(name);
            assertThat(table.find(fragment(name.source, name.id)))
                    .as(what)
                    .isEqualTo(known == null ? DatagramTable.NONE : known);
            assertThat(table.full()).as(what).isEqualTo(model.size() + removed.size() == DATAGRAMS);
            if (known != null && random.nextInt(4) == 0) {
                table.renew(known);
                model.remove(name);
                model.put(name, known);
            } else if (known != null && random.nextBoolean()) {
                table.remove(known);
                model.remove(name);
                removed.add(known);
            } else if (known == null && !table.full()) {
                model.put(name, table.add(fragment(name.source, name.id)));
            }
            if (random.nextInt(3) == 0 && !removed.isEmpty()) {
                table.release(removed.removeLast());
            }
            int oldest = model.isEmpty() ? DatagramTable.NONE : model.values().iterator().next();
            assertThat(table.oldest()).as(what).isEqualTo(oldest);
            agreeOnTheSource(what, table, model, name.source);
        }
    }

    private void agreeOnTheSource(
            String what, DatagramTable table, Map<Name, Integer> model, int source) {
        int number = table.source(fragment(source, 0));
        List<Integer> own = new ArrayList<>();
        model.forEach(
                (name, slot) -> {
                    if (table.source(fragment(name.source, name.id)) == number) {
                        own.add(slot);
                    }
                });
        assertThat(table.share(number)).as(what).isEqualTo(own.size());
        if (!own.isEmpty()) {
            assertThat(table.oldestOf(number)).as(what).isEqualTo(own.getFirst());
        }
    }

    @Test
    void countsWhatEachSourceSends() {
        DatagramTable table = new DatagramTable(DATAGRAMS, 1);
        int first = table.source(fragment(1, 0));
        assertThat(table.arrived(first)).isEqualTo(1);
        assertThat(table.arrived(first)).isEqualTo(2);
        assertThat(table.arrived(table.source(fragment(2, 0)))).isEqualTo(1);
    }
}
