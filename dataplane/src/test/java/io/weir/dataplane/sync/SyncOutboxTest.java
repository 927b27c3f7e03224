package io.weir.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class SyncOutboxTest {
    private static final int SYNC_ID = 1;

    private final List<String> sent = new ArrayList<>();
    private final SyncCounters counters = new SyncCounters();
    private long now = 1_000;
    private boolean full;
    private SyncOutbox outbox = outbox(1, 1472);

    private SyncOutbox outbox(int ports, int maxLength) {
        SyncDaemon daemon =
                new SyncDaemon(
                        SyncRole.MASTER,
                        "sync",
                        SYNC_ID,
                        maxLength,
                        SyncDaemon.DEFAULT_GROUP,
                        SyncDaemon.DEFAULT_PORT,
                        1);
        SyncTransport transport =
                new SyncTransport() {
                    @Override
                    public boolean send(int port, byte[] message, int length) {
                        int entries = message[0] == 0 ? message[4] : message[0];
                        sent.add(now + ": " + entries + " to " + port);
                        return !full;
                    }

                    @Override
                    public void close() {}
                };
        return new SyncOutbox(daemon, ports, transport, counters, now);
    }

    private void add(int entries) {
        for (int i = 0; i < entries; i++) {
            outbox.add(new SyncEntry(), 0, false, now);
        }
    }

    private void live(long until, int delay) {
        for (; now < until; now += 10) {
            outbox.work(now, delay);
        }
    }

    /** Two to three seconds, when the daemon looks (recorded: flush-timing-1). */
    @Test
    void whatIsNotFullIsSentWhenItIsOldAndLookedAt() {
        live(1_500, 0);
        add(1);
        live(3_000, 0);
        add(1);
        live(10_000, 0);
        // Looks at 2040, 3080 and 4120; the first entry is two seconds old from 3500 on.
        assertThat(sent).containsExactly("4120: 2 to 0");
    }

    @Test
    void whatIsFullIsSentTogetherSoonAfter() {
        outbox = outbox(1, 8 + 3 * 36);
        add(7);
        live(1_200, 0);
        // The rest waits until it is old.
        assertThat(sent).containsExactly("1020: 3 to 0", "1020: 3 to 0");
        live(6_000, 0);
        assertThat(sent).hasSize(3).last().isEqualTo("3100: 1 to 0");
    }

    @Test
    void manyFullMessagesDoNotWait() {
        outbox = outbox(1, 8 + 36);
        add(9);
        assertThat(sent).hasSize(SyncOutbox.QUEUED_MESSAGES).allMatch("1000: 1 to 0"::equals);
    }

    @Test
    void aDelayOfItsOwnReplacesTheKernelsTimes() {
        add(1);
        live(1_010, 20);
        add(1);
        live(2_000, 20);
        assertThat(sent).containsExactly("1020: 2 to 0");
    }

    @Test
    void theOtherVersionBeginsAMessageOfItsOwn() {
        add(2);
        outbox.add(new SyncEntry(), 0, true, now);
        live(6_000, 0);
        assertThat(sent).containsExactly("1020: 2 to 0", "3100: 1 to 0");
    }

    @Test
    void eachPortHasItsOwnMessage() {
        outbox = outbox(4, 1472);
        for (int i = 0; i < 8; i++) {
            outbox.add(new SyncEntry(), i, false, now);
        }
        live(6_000, 0);
        assertThat(sent)
                .containsExactly("3080: 2 to 0", "3080: 2 to 1", "3080: 2 to 2", "3080: 2 to 3");
    }

    @Test
    void countsWhatWentAndWhatDidNot() {
        add(2);
        full = true;
        live(6_000, 0);
        add(1);
        full = false;
        live(12_000, 0);
        assertThat(counters.snapshot()).isEqualTo(new SyncCounters.Snapshot(3, 1, 44, 1, 0, 0, 0));
    }
}
