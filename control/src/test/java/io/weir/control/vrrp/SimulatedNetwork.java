package io.weir.control.vrrp;

import io.weir.dataplane.net.IpAddress;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Routers on a few networks, in a time of its own. Packets get lost, wait, overtake each other and
 * come twice; routers lose sight of each other. Everything follows from the random numbers.
 */
final class SimulatedNetwork {
    private static final int RECORDED = 100;

    private final Random random;
    private final List<SimulatedRouter> routers = new ArrayList<>();
    private final List<Recorded> recorded = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long order;
    private double loss;
    private double duplicates;
    private long maxDelay;
    private int[] components = new int[0];

    private record Recorded(String device, Datagram datagram) {}

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    SimulatedNetwork(Random random) {
        this.random = random;
    }

    SimulatedRouter add() {
        SimulatedRouter router = new SimulatedRouter(this, routers.size(), random);
        routers.add(router);
        components = new int[routers.size()];
        return router;
    }

    List<SimulatedRouter> routers() {
        return routers;
    }

    Random random() {
        return random;
    }

    long now() {
        return now;
    }

    void at(long time, Runnable action) {
        events.add(new Event(Math.max(time, now), order++, action));
    }

    void run(long until) {
        while (!events.isEmpty() && events.peek().at <= until) {
            Event event = events.remove();
            now = event.at;
            event.action.run();
        }
        now = until;
    }

    /** How packets fare from now on. */
    void weather(double lossShare, double duplicateShare, long maxDelayMillis) {
        loss = lossShare;
        duplicates = duplicateShare;
        maxDelay = TimeUnit.MILLISECONDS.toNanos(maxDelayMillis);
    }

    /** Routers see those of their own component alone. */
    void partition(int parts) {
        for (int i = 0; i < components.length; i++) {
            components[i] = random.nextInt(parts);
        }
    }

    int component(SimulatedRouter router) {
        return components[router.index()];
    }

    boolean connected(SimulatedRouter one, SimulatedRouter other, String device) {
        return component(one) == component(other) && one.isUp(device) && other.isUp(device);
    }

    void transmit(SimulatedRouter from, String device, Datagram datagram) {
        if (recorded.size() == RECORDED) {
            recorded.remove(random.nextInt(RECORDED));
        }
        recorded.add(new Recorded(device, datagram));
        for (SimulatedRouter to : routers) {
            if (to != from && connected(from, to, device) && to.listensTo(device, datagram)) {
                int copies = random.nextDouble() < duplicates ? 2 : 1;
                for (int i = 0; i < copies; i++) {
                    if (random.nextDouble() >= loss) {
                        long delay = maxDelay == 0 ? 50_000 : random.nextLong(maxDelay);
                        at(now + delay, () -> to.arrive(device, datagram));
                    }
                }
            }
        }
    }

    /** Somebody sends again what was sent a while ago, to all. */
    void replay() {
        if (!recorded.isEmpty()) {
            Recorded old = recorded.get(random.nextInt(recorded.size()));
            for (SimulatedRouter to : routers) {
                if (to.listensTo(old.device, old.datagram)) {
                    to.arrive(old.device, old.datagram);
                }
            }
        }
    }

    /** All that are connected send packets for an address to the router that announces it. */
    void announce(SimulatedRouter from, String device, IpAddress address) {
        for (SimulatedRouter to : routers) {
            if (connected(from, to, device)) {
                to.neighbours().put(address, from);
            }
        }
    }
}
