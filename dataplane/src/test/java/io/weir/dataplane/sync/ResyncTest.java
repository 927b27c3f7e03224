package io.weir.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class ResyncTest {
    private static final SyncDaemon DAEMON =
            new SyncDaemon(SyncRole.BACKUP, "sync", 9, 1472, SyncDaemon.DEFAULT_GROUP, 8848, 1);

    private final List<Long> asked = new ArrayList<>();
    private long now;

    private final SyncTransport transport =
            new SyncTransport() {
                @Override
                public boolean send(int port, byte[] message, int length) {
                    assertThat(ResyncMessage.is(ResyncMessage.REQUEST, message, length, 9))
                            .isTrue();
                    asked.add(now);
                    return true;
                }

                @Override
                public void close() {}
            };

    private void live(ResyncRequests requests, long until) {
        for (; now < until; now += 100) {
            requests.work(now);
        }
    }

    @Test
    void asksLessAndLessUntilSomebodyAnswers() {
        ResyncRequests requests = new ResyncRequests();
        live(requests, 1_000);
        requests.start(DAEMON, transport, now);
        live(requests, 300_000);
        assertThat(asked)
                .startsWith(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 64_000L, 124_000L)
                .hasSize(10);
        requests.answered();
        live(requests, 600_000);
        assertThat(asked).hasSize(10);
        requests.stop();
        requests.start(DAEMON, transport, now);
        requests.work(now);
        assertThat(asked).hasSize(11);
    }

    @Test
    void otherDaemonsReadAMessageWithoutEntries() {
        SyncMessageReader reader = new SyncMessageReader();
        for (int id : new int[] {0, 1, 9, 255}) {
            byte[] request = ResyncMessage.of(ResyncMessage.REQUEST, id);
            assertThat(reader.begin(request, request.length, id, 1472))
                    .isEqualTo(SyncMessageReader.Verdict.READABLE);
            assertThat(reader.version1()).isFalse();
            assertThat(reader.next(new SyncEntry())).isEqualTo(SyncMessageReader.Step.END);
        }
    }

    @Test
    void isForItsOwnGroupOrForNobodys() {
        byte[] request = ResyncMessage.of(ResyncMessage.REQUEST, 200);
        int length = request.length;
        assertThat(ResyncMessage.is(ResyncMessage.REQUEST, request, length, 200)).isTrue();
        assertThat(ResyncMessage.is(ResyncMessage.REQUEST, request, length, 0)).isTrue();
        assertThat(ResyncMessage.is(ResyncMessage.REQUEST, request, length, 199)).isFalse();
        assertThat(ResyncMessage.is(ResyncMessage.ANSWER, request, length, 200)).isFalse();
        assertThat(ResyncMessage.is(ResyncMessage.REQUEST, request, length - 1, 200)).isFalse();
        for (int at = 0; at < length; at++) {
            byte[] spoilt = request.clone();
            spoilt[at] ^= 1;
            boolean ignored = at >= length - 2;
            assertThat(ResyncMessage.is(ResyncMessage.REQUEST, spoilt, length, 200))
                    .as("byte %d", at)
                    .isEqualTo(ignored);
        }
    }
}
