package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.logging.Level;
import java.util.logging.LogRecord;

class LogLinesTest {
    @Test
    void aMessageIsOneLine() {
        LogRecord line = new LogRecord(Level.WARNING, "interface eth0\nis gone");
        line.setLoggerName("weir");
        line.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
        assertThat(new OneLineFormatter().format(line))
                .matches("\\S+T\\S+:05\\.678\\S+ warning weir: interface eth0 is gone\n");
    }

    @Test
    void aFloodOfFaultsIsReportedOnceInAWhile() {
        List<String> lines = new ArrayList<>();
        FaultLog log = new FaultLog(new Lines(lines));
        RuntimeException fault = new RuntimeException();
        for (long now = 5; now < 5 + 2 * FaultLog.PERIOD_MILLIS; now++) {
            log.report(fault, now);
        }
        assertThat(lines)
                .containsExactly(
                        "a fault in weir cost a burst of packets; 0 more since the last report",
                        "a fault in weir cost a burst of packets; 9999 more since the last report");
    }

    /** A logger that keeps its messages. */
    private record Lines(List<String> lines) implements System.Logger {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(System.Logger.Level level) {
            return true;
        }

        @Override
        public void log(
                System.Logger.Level level, ResourceBundle bundle, String text, Throwable thrown) {
            lines.add(text);
        }

        @Override
        public void log(
                System.Logger.Level level, ResourceBundle bundle, String text, Object... params) {
            lines.add(text);
        }
    }
}
