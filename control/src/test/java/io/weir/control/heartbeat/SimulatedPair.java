package io.weir.control.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.failover.Role;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Two routers and two paths between them, in a time of their own. Clocks of routers have nothing in
 * common: each starts anywhere and runs a percent too fast or too slow.
 */
final class SimulatedPair {
    static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    static final long KEEPALIVE = 500 * MILLI;
    static final long DEADTIME = 2000 * MILLI;
    private static final long TURN = 50 * MILLI;
    private static final int PATHS = 2;
    private static final int RECORDING = 400;
    private static final int MOST_MAIL = 10_000;
    private static final int MOST_NOTES = 5000;

    private final Random random;
    private final byte @Nullable [] secret;
    private final PriorityQueue<Happening> happenings = new PriorityQueue<>();
    private final List<String> log = new ArrayList<>();
    private final List<Runnable> recording = new ArrayList<>();
    final Router[] routers;

    /** One for each path: nothing gets through. */
    final boolean[] cut = new boolean[PATHS];

    double loss;
    long mostDelay = 5 * MILLI;
    boolean attacked;
    long now;
    private long order;

    private record Happening(long time, long order, Runnable what)
            implements Comparable<Happening> {
        @Override
        public int compareTo(Happening other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    SimulatedPair(Random random, byte @Nullable [] secret, boolean failback) {
        this.random = random;
        this.secret = secret;
        routers = new Router[] {new Router(true, failback), new Router(false, failback)};
        at(0, this::attack);
    }

    List<String> log() {
        return log;
    }

    void note(String what) {
        assertThat(log).as("what happens without an end").hasSizeLessThan(MOST_NOTES);
        log.add(now / MILLI + " ms: " + what);
    }

    void at(long delay, Runnable what) {
        happenings.add(new Happening(now + delay, order++, what));
    }

    void run(long until) {
        while (!happenings.isEmpty() && happenings.peek().time <= until) {
            Happening next = happenings.remove();
            now = next.time;
            next.what.run();
        }
        now = until;
    }

    private void attack() {
        if (attacked && !recording.isEmpty()) {
            recording.get(random.nextInt(recording.size())).run();
        }
        at(20 * MILLI, this::attack);
    }

    /** One router: a machine while it runs, and what waits for it while it is stopped. */
    final class Router implements HeartbeatActions {
        final boolean primary;
        private final boolean failback;
        private final List<byte[]> mail = new ArrayList<>();
        private long offset;
        private double speed;
        private @Nullable HeartbeatMachine machine;
        private Seal seal = Seal.OPEN;
        private int life;
        private long answered;
        boolean paused;
        boolean linkDown;
        int roleChanges;

        Router(boolean primary, boolean failback) {
            this.primary = primary;
            this.failback = failback;
        }

        Router other() {
            return routers[primary ? 1 : 0];
        }

        @Override
        public String toString() {
            return primary ? "primary" : "backup";
        }

        private long clock() {
            return offset + (long) (now * speed);
        }

        void start() {
            note(this + " starts");
            life++;
            offset = random.nextLong();
            speed = 0.99 + random.nextDouble() / 50;
            paused = false;
            mail.clear();
            byte[] key = secret;
            seal =
                    key == null
                            ? Seal.OPEN
                            : new HmacSeal(new SealedMessage.Key(key), primary, random::nextLong);
            answered = clock();
            machine =
                    new HeartbeatMachine(
                            new HeartbeatTiming(primary, false, KEEPALIVE, DEADTIME, failback),
                            this,
                            clock());
            turns(life);
        }

        private void turns(int ofLife) {
            if (machine != null && life == ofLife) {
                turn();
                at(TURN, () -> turns(ofLife));
            }
        }

        private void turn() {
            if (machine == null || paused) {
                return;
            }
            while (!mail.isEmpty()) {
                read(mail.removeFirst());
            }
            if (linkDown) {
                machine.block("link is down", clock());
            } else {
                machine.unblock("link is up", !machine.isPartnerHeard(), clock());
            }
            machine.tick(clock());
        }

        private void read(byte[] datagram) {
            HeartbeatMachine running = machine;
            if (running == null) {
                return;
            }
            Opened opened = seal.open(datagram);
            if (opened.greeting() && clock() - answered >= KEEPALIVE / 4) {
                answered = clock();
                transmit(seal.answer(running.saysRunning()));
            }
            if (opened.refusal() == null) {
                running.heard(opened.running(), clock());
            }
        }

        void arrive(byte[] datagram) {
            if (machine != null && mail.size() < MOST_MAIL) {
                mail.add(datagram);
                turn();
            }
        }

        void crash() {
            note(this + " crashes");
            machine = null;
        }

        void stopCleanly() {
            note(this + " stops");
            HeartbeatMachine running = machine;
            if (running != null && !paused) {
                running.stop("stopping", clock());
                machine = null;
            }
        }

        void handOver() {
            note(this + " hands over");
            HeartbeatMachine running = machine;
            if (running != null && !paused) {
                running.handOver(clock());
            }
        }

        boolean isUp() {
            return machine != null && !paused;
        }

        boolean isAlive() {
            return machine != null;
        }

        boolean isActive() {
            HeartbeatMachine running = machine;
            return running != null && running.role() == Role.ACTIVE;
        }

        @Override
        public void send(boolean running) {
            transmit(seal.seal(running));
        }

        private void transmit(byte[] datagram) {
            for (int path = 0; path < PATHS; path++) {
                boolean lost = cut[path] || linkDown || other().linkDown;
                if (lost || random.nextDouble() < loss) {
                    continue;
                }
                // Who can hold datagrams back and deliver them later is a slow path, and no
                // replayer.
                remember(datagram);
                int copies = random.nextInt(20) == 0 ? 2 : 1;
                for (int i = 0; i < copies; i++) {
                    long delay = MILLI / 10 + (long) (random.nextDouble() * mostDelay);
                    at(delay, () -> other().arrive(datagram));
                }
            }
        }

        /** Now and then to its own sender, and now and then changed. */
        private void replay(byte[] datagram) {
            byte[] copy = datagram.clone();
            if (random.nextInt(4) == 0) {
                copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Router to = random.nextInt(10) == 0 ? this : other();
            to.arrive(copy);
        }

        private void remember(byte[] datagram) {
            Runnable replay = () -> replay(datagram);
            if (recording.size() < RECORDING) {
                recording.add(replay);
            } else {
                recording.set(random.nextInt(RECORDING), replay);
            }
        }

        @Override
        public void become(Role role, String reason) {
            roleChanges++;
            note(this + " is " + role + ": " + reason);
        }

        @Override
        public void announce(String reason) {
            note(this + " announces: " + reason);
        }

        @Override
        public void partnerChanged(boolean heard) {
            note(this + (heard ? " hears its partner" : " no longer hears its partner"));
        }
    }
}
