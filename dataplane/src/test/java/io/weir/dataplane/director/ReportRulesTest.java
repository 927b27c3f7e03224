package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.ReportRecords;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

class ReportRulesTest {
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int START_TICK = 1_000_000;
    private static final int STEPS = 300_000;

    private final ConnectionTable table = new ConnectionTable(64, 1);
    private final ExpiryWheel wheel = new ExpiryWheel(table);
    private final ReportRecords records = new ReportRecords(table);
    private final Sysctls sysctls = new Sysctls();
    private final ReportRules rules = new ReportRules(table, wheel, records, sysctls);
    private int now = START_TICK;

    @AfterEach
    void close() {
        records.close();
        wheel.close();
        table.close();
    }

    private int connection(int protocol, int flags) {
        Endpoints ends = new Endpoints().setV4(protocol, 1, 2).setPorts(table.size(), 80);
        int slot = table.insert(ends, IpAddress.v4(3), 80, flags, ConnectionTable.NONE);
        wheel.schedule(slot, 900, now);
        return slot;
    }

    private boolean packet(int slot) {
        table.countPacket(slot);
        return rules.due(slot, records.packets(slot, now), now);
    }

    private List<Integer> reportedPackets(int slot, int most) {
        List<Integer> reported = new ArrayList<>();
        for (int n = 1; n <= most; n++) {
            if (packet(slot)) {
                reported.add(n);
            }
        }
        return reported;
    }

    private void threshold(int threshold, int period) {
        assertThat(sysctls.set(Sysctl.SYNC_THRESHOLD, Sysctl.pair(threshold, period))).isTrue();
    }

    /** Recorded: threshold-count. */
    @Test
    void packetsAreCounted() {
        assertThat(reportedPackets(connection(UDP, 0), 120)).containsExactly(3, 53, 103);
        threshold(5, 0);
        assertThat(reportedPackets(connection(UDP, 0), 120)).containsExactly(5);
        threshold(0, 1);
        assertThat(reportedPackets(connection(UDP, 0), 5)).containsExactly(1, 2, 3, 4, 5);
        threshold(0, 0);
        assertThat(reportedPackets(connection(UDP, 0), 120)).isEmpty();
    }

    @Test
    void countsGoOnBeyondWhatALineHolds() {
        int slot = connection(UDP, 0);
        threshold(7, 100_000);
        List<Integer> reported = reportedPackets(slot, 350_000);
        assertThat(reported).containsExactly(7, 100_007, 200_007, 300_007);
    }

    @Test
    void aConnectionThatEndsIsReportedWhateverTheSettings() {
        threshold(0, 0);
        int slot = connection(TCP, 0);
        table.setState(slot, TcpState.SYN_RECV);
        assertThat(packet(slot)).isFalse();
        table.setState(slot, TcpState.ESTABLISHED);
        assertThat(packet(slot)).isFalse();
        table.setState(slot, TcpState.FIN_WAIT);
        assertThat(packet(slot)).isTrue();
        assertThat(packet(slot)).isFalse();
        table.setState(slot, TcpState.LAST_ACK);
        assertThat(packet(slot)).isFalse();
        table.setState(slot, TcpState.CLOSE);
        assertThat(packet(slot)).isTrue();
    }

    @Test
    void establishedConnectionsAreReportedAtOnceIfAsked() {
        sysctls.set(Sysctl.SYNC_ESTABLISHED, 1);
        int slot = connection(TCP, 0);
        table.setState(slot, TcpState.SYN_RECV);
        assertThat(packet(slot)).isFalse();
        table.setState(slot, TcpState.ESTABLISHED);
        assertThat(packet(slot)).isTrue();
        assertThat(reportedPackets(connection(UDP, 0), 10)).containsExactly(2, 3);
        threshold(1, 0);
        assertThat(reportedPackets(connection(UDP, 0), 10)).containsExactly(2);
    }

    /** Recorded: refresh-steady-3, with 20 seconds and 3 repetitions. */
    @Test
    void reportsAreRepeatedAnEighthOfTheRefreshPeriodApart() {
        threshold(0, 0);
        sysctls.set(Sysctl.SYNC_REFRESH_PERIOD, 20);
        sysctls.set(Sysctl.SYNC_RETRIES, 3);
        int slot = connection(UDP, 0);
        List<Integer> seconds = new ArrayList<>();
        for (int tenth = 0; tenth < 450; tenth++) {
            now = START_TICK + 10 * tenth;
            if (packet(slot)) {
                seconds.add(tenth / 10);
            }
        }
        assertThat(seconds).containsExactly(0, 2, 5, 7, 27, 30, 32, 35);
    }

    @Test
    void persistentConnectionsStayUntoldIfTheirTemplatesSuffice() {
        threshold(0, 1);
        int template = connection(TCP, ConnectionTable.FLAG_TEMPLATE);
        int control = connection(UDP, 0);
        int slot = connection(UDP, 0);
        table.setController(control, template);
        table.setController(slot, control);
        assertThat(packet(slot)).isTrue();
        sysctls.set(Sysctl.SYNC_PERSIST_MODE, 1);
        assertThat(packet(slot)).isFalse();
        assertThat(packet(template)).isTrue();
    }

    /** What the rules are, in plain words and wide numbers. */
    private static final class Model {
        static final Set<Integer> TOLD =
                Set.of(
                        TcpState.ESTABLISHED,
                        TcpState.FIN_WAIT,
                        TcpState.TIME_WAIT,
                        TcpState.CLOSE,
                        TcpState.CLOSE_WAIT);

        final boolean tcp;
        final boolean template;
        long packets;
        int state;
        int toldState;
        long toldEnd = -1;
        int repetitions;
        long looked;

        Model(boolean tcp, boolean template) {
            this.tcp = tcp;
            this.template = template;
        }

        boolean due(Sysctls settings, long now, long timeoutTicks) {
            packets++;
            if (!template && tcp && !TOLD.contains(state)) {
                return false;
            }
            long end = now + timeoutTicks & ~3L;
            boolean early = settings.on(Sysctl.SYNC_ESTABLISHED);
            if (!template && tcp && state != toldState) {
                if (early || state != TcpState.ESTABLISHED) {
                    return tell(end, 0);
                }
            }
            if (!template && !tcp && early && packets <= 2) {
                return packets == 2 && tell(end, 0);
            }
            long refresh = 100L * settings.get(Sysctl.SYNC_REFRESH_PERIOD);
            if (settings.syncPeriod() > 0) {
                if (!template && packets % settings.syncPeriod() != settings.syncThreshold()) {
                    return false;
                }
            } else if (refresh == 0 && packets != settings.syncThreshold()) {
                return false;
            }
            int repetition = 0;
            if (refresh != 0) {
                if (early && !template) {
                    long period = now / 1024 % 16;
                    if (period == looked) {
                        return false;
                    }
                    looked = period;
                }
                long reported = toldEnd < 0 ? now & ~3L : toldEnd;
                toldEnd = reported;
                long enough = Math.max(timeoutTicks / 2, 1000);
                if (refresh > 0) {
                    enough = Math.min(enough, refresh);
                }
                if (Math.abs(end - reported) < enough) {
                    long pause = refresh > 0 ? refresh / 8 : Long.MAX_VALUE;
                    boolean again =
                            repetitions < settings.get(Sysctl.SYNC_RETRIES)
                                    && now - (reported - timeoutTicks) >= pause;
                    if (!again) {
                        return false;
                    }
                    repetition = repetitions + 1;
                }
            }
            return tell(end, repetition);
        }

        private boolean tell(long end, int repetition) {
            toldState = state;
            toldEnd = end;
            repetitions = repetition;
            return true;
        }
    }

    @Test
    void decidesAsTheModel() {
        Seed seed = Seed.ofThisRun();
        RandomGenerator random = seed.random();
        Model[] models = new Model[24];
        int[] slots = new int[models.length];
        for (int i = 0; i < models.length; i++) {
            boolean template = i % 3 == 2;
            models[i] = new Model(i % 2 == 0, template);
            slots[i] =
                    connection(
                            models[i].tcp ? TCP : UDP,
                            template ? ConnectionTable.FLAG_TEMPLATE : 0);
        }
        int due = 0;
        for (int step = 0; step < STEPS; step++) {
            if (step % 500 == 0) {
                randomSettings(random);
            }
            now += random.nextInt(4) == 0 ? random.nextInt(300) : 0;
            int i = random.nextInt(models.length);
            if (random.nextInt(8) == 0 && models[i].tcp && !models[i].template) {
                models[i].state = random.nextInt(TcpState.COUNT);
                table.setState(slots[i], models[i].state);
            }
            int seconds = random.nextInt(5) == 0 ? 1 + random.nextInt(900) : 300;
            wheel.renew(slots[i], seconds, now);
            boolean expected = models[i].due(sysctls, now, 100L * seconds);
            assertThat(packet(slots[i]))
                    .as("%s, step %d, entry %d", seed, step, i)
                    .isEqualTo(expected);
            due += expected ? 1 : 0;
        }
        assertThat(due).isBetween(STEPS / 100, STEPS / 2);
    }

    private void randomSettings(RandomGenerator random) {
        int period = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(60);
        threshold(random.nextInt(period == 0 ? 20 : period), period);
        int refresh = random.nextInt(3) == 0 ? random.nextInt(200) - 5 : 0;
        sysctls.set(Sysctl.SYNC_REFRESH_PERIOD, refresh);
        sysctls.set(Sysctl.SYNC_RETRIES, random.nextInt(4));
        sysctls.set(Sysctl.SYNC_ESTABLISHED, random.nextInt(2));
    }
}
