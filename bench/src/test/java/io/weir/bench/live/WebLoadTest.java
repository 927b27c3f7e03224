package io.weir.bench.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.bench.live.WebLoad.Connection;
import io.weir.control.lab.LabException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of wrk's errors a result may have. */
final class WebLoadTest {
    private static String report(int requests, String errors) {
        return """
          %d requests in 4.00s, 13.20MB read
          %s
        Requests/sec:  24400.00
        """
                .formatted(requests, errors);
    }

    private static String read(int count) {
        return "Socket errors: connect 0, read " + count + ", write 0, timeout 0";
    }

    @Test
    void aFewCutOffResponsesOfShortConnectionsAreCounted() {
        assertThatCode(() -> WebLoad.refuseErrors(report(500, read(1)), Connection.SHORT))
                .doesNotThrowAnyException();
        assertThatCode(() -> WebLoad.refuseErrors(report(150_000, read(3)), Connection.SHORT))
                .doesNotThrowAnyException();
        assertThat(WebLoad.readErrors(report(150_000, read(3)))).isEqualTo(3);
        assertThat(WebLoad.readErrors(report(150_000, ""))).isZero();
    }

    @Test
    void moreAreRefused() {
        refused(report(500, read(2)), Connection.SHORT);
        refused(report(150_000, read(4)), Connection.SHORT);
        refused(report(150_000, read(1)), Connection.KEPT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Socket errors: connect 1, read 0, write 0, timeout 0",
                "Socket errors: connect 0, read 1, write 1, timeout 0",
                "Socket errors: connect 0, read 1, write 0, timeout 2",
                "Non-2xx or 3xx responses: 1",
            })
    void othersAreRefused(String errors) {
        refused(report(1_000_000, errors), Connection.SHORT);
        refused(report(1_000_000, read(1) + "\n  " + errors), Connection.SHORT);
    }

    private static void refused(String report, Connection connection) {
        assertThatThrownBy(() -> WebLoad.refuseErrors(report, connection))
                .isInstanceOf(LabException.class)
                .hasMessageStartingWith("wrk: ");
    }
}
