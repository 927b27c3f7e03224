package io.weir.schedulers;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.FlowKey;
import io.weir.dataplane.service.RealServer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

final class RoundRobinTest {
    @Test
    void picksAsTheKernelDid() {
        Recording.replayAll(RoundRobin.NAME);
    }

    @Test
    void picksAsTheModel() {
        RandomRun.compare(RoundRobin.NAME, random -> new Wheel());
    }

    @Test
    void goesOnBehindTheServerBeforeARemovedOne() {
        Farm farm = farm();
        assertThat(farm.pick()).isEqualTo(1);
        assertThat(farm.pick()).isEqualTo(2);
        farm.remove(farm.server("10.2.0.2"));
        assertThat(farm.pick()).isEqualTo(3);
        farm.remove(farm.server("10.2.0.1"));
        assertThat(farm.pick()).isEqualTo(4);
    }

    @Test
    void anAddedServerWaitsForTheNextRound() {
        Farm farm = farm();
        assertThat(farm.pick()).isEqualTo(1);
        farm.add("10.2.0.9", 1);
        assertThat(farm.pick()).isEqualTo(2);
        assertThat(farm.pick()).isEqualTo(3);
        assertThat(farm.pick()).isEqualTo(4);
        assertThat(farm.pick()).isEqualTo(9);
    }

    @Test
    void picksNobodyIfAllAreQuiesced() {
        Farm farm = farm();
        for (RealServer server : farm.service.servers()) {
            farm.edit(server, Farm.settings(0, 0, 0));
        }
        assertThat(farm.pick()).isZero();
    }

    private static Farm farm() {
        Farm farm = new Farm(RoundRobin.NAME, 0, new SplittableRandom(1));
        for (int last = 4; last > 0; last--) {
            farm.add("10.2.0." + last, 1);
        }
        return farm;
    }

    /**
     * The servers and a mark for the list's head on a wheel, turned until the last pick is last.
     */
    private static final class Wheel implements RandomRun.Model {
        private static final Object HEAD = new Object();

        private final Deque<Object> wheel = new ArrayDeque<>();

        Wheel() {
            wheel.add(HEAD);
        }

        @Override
        public void added(Farm farm, RealServer server) {
            // Straight behind the head, wherever that is now.
            Object last = wheel.getLast();
            while (!wheel.getLast().equals(HEAD)) {
                turn();
            }
            wheel.addFirst(server);
            while (!wheel.getLast().equals(last)) {
                turn();
            }
        }

        @Override
        public void removed(Farm farm, RealServer server) {
            wheel.remove(server);
        }

        @Override
        public @Nullable RealServer expect(Farm farm, FlowKey flow, long nowMillis) {
            for (int i = 0; i < wheel.size(); i++) {
                turn();
                if (wheel.getLast() instanceof RealServer server && server.eligible()) {
                    return server;
                }
            }
            return null;
        }

        private void turn() {
            wheel.addLast(wheel.removeFirst());
        }
    }
}
