package io.weir.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RealServer;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.testing.KernelTwin;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/** Which flows are looked at when. */
class FlowWalkTest {
    private static final int BUCKET_BITS = 10;
    private static final int CAPACITY = 4 << BUCKET_BITS;
    private static final int SLOTS = 64;

    private final KernelTwin kernel = new KernelTwin(BUCKET_BITS, 1);
    private final ConnectionTable table = new ConnectionTable(SLOTS, 1);
    private final RealServer server =
            new RealServer(
                    ServiceId.of(ServiceId.TCP, IpAddress.v4(1), 80),
                    new ServerId(IpAddress.v4(2), 80),
                    0,
                    ServerSettings.of(ForwardingMethod.ROUTE, 1));
    private final FlowPlaces places = new FlowPlaces(CAPACITY);
    private final FlowBatch batch = new FlowBatch(kernel.table(), places, table);
    private final FlowWalk walk = new FlowWalk(batch);
    private long now = 1_000_000;

    @AfterEach
    void close() {
        table.close();
        kernel.close();
    }

    private void take(int place) {
        places.take(place, place % SLOTS, server, false);
    }

    private void takeAll() {
        for (int place = 0; place < CAPACITY; place++) {
            take(place);
        }
    }

    private List<Integer> looked() {
        List<Integer> looked = new ArrayList<>();
        if (walk.advance(now)) {
            for (int i = 0; i < batch.size(); i++) {
                looked.add(batch.get(i));
            }
        }
        return looked;
    }

    /** What is looked at in one cycle after the other until nothing is. */
    private List<Integer> lookedInAll() {
        List<Integer> all = new ArrayList<>();
        List<Integer> looked = looked();
        while (!looked.isEmpty()) {
            all.addAll(looked);
            looked = looked();
        }
        return all;
    }

    @Test
    void aRoundLooksAtEachLivePlaceOnce() {
        Random random = Seed.ofThisRun().random();
        TreeSet<Integer> live = new TreeSet<>();
        for (int round = 0; round < 50; round++) {
            for (int i = random.nextInt(200); i > 0; i--) {
                int place = random.nextInt(CAPACITY);
                if (places.isFree(place)) {
                    take(place);
                    live.add(place);
                }
            }
            now += FlowWalk.ROUND_MILLIS;
            List<Integer> looked = lookedInAll();
            assertThat(looked)
                    .as("round %d of %s", round, Seed.ofThisRun())
                    .containsExactlyElementsOf(live);
            for (int place : looked) {
                if (random.nextInt(3) == 0) {
                    places.leave(place);
                    live.remove(place);
                }
            }
            places.date(now);
            while (places.anyLeftBy(now)) {
                places.freeFirstLeft();
            }
            assertThat(places.published()).isEqualTo(live.size());
        }
    }

    @Test
    void aRoundBeginsFourTimesASecond() {
        take(7);
        assertThat(looked()).containsExactly(7);
        for (int passed = 1; passed < FlowWalk.ROUND_MILLIS; passed++) {
            now++;
            assertThat(looked()).isEmpty();
        }
        now++;
        assertThat(looked()).containsExactly(7);
    }

    @Test
    void aRoundIsPacedButNotAHurriedOne() {
        try (Many many = new Many()) {
            int saved = FlowWalk.ROUND_MILLIS * FlowWalk.PLACES_PER_MILLI;
            assertThat(many.lookedInAll()).isEqualTo(saved);
            for (int left = Many.PLACES - saved; left > 0; left -= FlowWalk.PLACES_PER_MILLI) {
                now++;
                assertThat(many.lookedInAll()).isEqualTo(FlowWalk.PLACES_PER_MILLI);
            }
            now++;
            assertThat(many.lookedInAll()).isZero();
            many.walk.hurry();
            assertThat(many.lookedInAll()).isEqualTo(Many.PLACES);
        }
    }

    /** More flows than may be looked at in a round's time. */
    private final class Many implements AutoCloseable {
        static final int PLACES = 1 << 18;

        final KernelTwin kernel = new KernelTwin(16, 1);
        final FlowPlaces places = new FlowPlaces(PLACES);
        final FlowBatch batch = new FlowBatch(kernel.table(), places, table);
        final FlowWalk walk = new FlowWalk(batch);

        Many() {
            for (int place = 0; place < PLACES; place++) {
                places.take(place, place % SLOTS, server, false);
            }
        }

        int lookedInAll() {
            int looked = 0;
            while (walk.advance(now)) {
                looked += batch.size();
            }
            return looked;
        }

        @Override
        public void close() {
            kernel.close();
        }
    }

    @Test
    void aHurriedRoundLooksAtThoseAgainThatAnotherHasPassed() {
        takeAll();
        assertThat(looked()).hasSize(FlowBatch.STEP);
        walk.hurry();
        List<Integer> all = lookedInAll();
        assertThat(all).hasSize(CAPACITY - FlowBatch.STEP);
        assertThat(lookedInAll()).hasSize(CAPACITY);
        assertThat(lookedInAll()).isEmpty();
    }
}
