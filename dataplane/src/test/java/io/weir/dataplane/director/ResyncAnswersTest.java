package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.flow.ExpiryWheel;
import io.weir.dataplane.flow.PersistenceData;
import io.weir.dataplane.flow.ReportRecords;
import io.weir.dataplane.flow.StateTimeouts;
import io.weir.dataplane.flow.TcpState;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.sync.ResyncMessage;
import io.weir.dataplane.sync.SyncCounters;
import io.weir.dataplane.sync.SyncDaemon;
import io.weir.dataplane.sync.SyncEntry;
import io.weir.dataplane.sync.SyncMessageReader;
import io.weir.dataplane.sync.SyncOutbox;
import io.weir.dataplane.sync.SyncRole;
import io.weir.dataplane.sync.SyncTransport;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class ResyncAnswersTest {
    private static final int SYNC_ID = 3;
    private static final int CONNECTIONS = 20_000;

    private final ConnectionTable table = new ConnectionTable(CONNECTIONS + 10, 1);
    private final PersistenceData data = new PersistenceData(4, 1);
    private final ExpiryWheel wheel = new ExpiryWheel(table);
    private final ReportRecords records = new ReportRecords(table);
    private final Sysctls sysctls = new Sysctls();
    private final ReportRules rules = new ReportRules(table, wheel, records, sysctls);
    private final ServerRegistry servers = new ServerRegistry();
    private final ConnectionLife life =
            new ConnectionLife(
                    table, data, wheel, servers, new StateTimeouts(), new Defence(sysctls, table));
    private final ResyncAnswers answers =
            new ResyncAnswers(
                    table,
                    new SyncEntries(table, data, servers, wheel, new RelayedDetails(table, life)));
    private final List<Integer> ports = new ArrayList<>();
    private final SyncMessageReader reader = new SyncMessageReader();
    private final SyncEntry entry = new SyncEntry();
    private int begun;
    private long now = 5_000;

    private final SyncTransport transport =
            new SyncTransport() {
                @Override
                public boolean send(int port, byte[] message, int length) {
                    if (ResyncMessage.is(ResyncMessage.ANSWER, message, length, SYNC_ID)) {
                        begun++;
                        return true;
                    }
                    reader.begin(message, length, SYNC_ID, 65535);
                    while (reader.next(entry) == SyncMessageReader.Step.ENTRY) {
                        ports.add(entry.clientPort);
                    }
                    return true;
                }

                @Override
                public void close() {}
            };

    private final SyncOutbox outbox =
            new SyncOutbox(
                    new SyncDaemon(
                            SyncRole.MASTER,
                            "sync",
                            SYNC_ID,
                            1472,
                            SyncDaemon.DEFAULT_GROUP,
                            SyncDaemon.DEFAULT_PORT,
                            1),
                    1,
                    transport,
                    new SyncCounters(),
                    now);

    @AfterEach
    void close() {
        records.close();
        data.close();
        wheel.close();
        table.close();
    }

    private void use(int patienceMillis) {
        answers.use(new ResyncAnswers.Way(outbox, transport, SYNC_ID, rules, patienceMillis));
    }

    private int connection(int port, int state, int flags) {
        Endpoints ends = new Endpoints().setV4(6, 1, 2).setPorts(port, 80);
        int slot = table.insert(ends, IpAddress.v4(3), 80, flags, ConnectionTable.NONE);
        table.setState(slot, state);
        wheel.schedule(slot, 900, 0);
        return slot;
    }

    /** Runs until nothing moves for a while; the most slots looked at in one step. */
    private int live(long millis) {
        int most = 0;
        for (long until = now + millis; now < until; now++) {
            most = Math.max(most, answers.work(now, false));
            outbox.work(now, 20);
        }
        return most;
    }

    @Test
    void tellsEveryConnectionOnceInBoundedSteps() {
        for (int port = 1; port <= CONNECTIONS; port++) {
            connection(port, TcpState.ESTABLISHED, 0);
        }
        use(0);
        answers.asked();
        live(200);
        assertThat(begun).isEqualTo(1);
        // 50 a millisecond, however many there are.
        assertThat(ports).hasSizeBetween(8_000, 200 * ResyncAnswers.ENTRIES_PER_MILLI);
        assertThat(live(2_000)).isLessThanOrEqualTo(1_024);
        assertThat(ports).hasSize(CONNECTIONS).doesNotHaveDuplicates();
        assertThat(table.reportedState(0)).isEqualTo(table.state(0));
    }

    @Test
    void leavesOutWhatNobodyElseNeeds() {
        connection(1, TcpState.ESTABLISHED, 0);
        connection(2, TcpState.SYN_RECV, 0);
        connection(3, TcpState.ESTABLISHED, ConnectionTable.FLAG_MASQUERADED);
        connection(4, TcpState.ESTABLISHED, ConnectionTable.FLAG_RETIRED);
        connection(5, TcpState.FIN_WAIT, ConnectionTable.FLAG_INACTIVE);
        connection(6, TcpState.LISTEN, ConnectionTable.FLAG_EXPECTED);
        use(0);
        answers.asked();
        live(1_000);
        assertThat(ports).containsExactlyInAnyOrder(1, 5);
    }

    @Test
    void walksAreFarApartHoweverOftenOthersAsk() {
        connection(1, TcpState.ESTABLISHED, 0);
        use(0);
        for (int i = 0; i < 200; i++) {
            answers.asked();
            live(100);
        }
        assertThat(begun).isBetween(3, 5);
    }

    @Test
    void aBackupLeavesTheAnswerToAMaster() {
        connection(1, TcpState.ESTABLISHED, 0);
        use(2_000);
        answers.asked();
        live(1_000);
        answers.othersAnswer();
        live(5_000);
        assertThat(begun).isZero();
        answers.asked();
        live(1_900);
        assertThat(begun).isZero();
        live(1_000);
        assertThat(begun).isEqualTo(1);
        assertThat(ports).containsExactly(1);
    }

    @Test
    void saysNothingWithoutAWay() {
        answers.asked();
        live(10_000);
        assertThat(begun).isZero();
    }
}
