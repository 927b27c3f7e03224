package io.weir.control.daemon;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Log lines for standard error: time, level, source and message on one line, the stack of a fault
 * below it.
 */
public final class OneLineFormatter extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx")
                    .withZone(ZoneId.systemDefault());

    /** Sends the logs of this process to standard error in this form, and nowhere else. */
    public static void install() {
        LogManager.getLogManager().reset();
        ConsoleHandler handler = new ConsoleHandler();
        handler.setFormatter(new OneLineFormatter());
        Logger root = Logger.getLogger("");
        root.setLevel(Level.INFO);
        root.addHandler(handler);
    }

    @Override
    public String format(LogRecord line) {
        StringBuilder text = new StringBuilder();
        text.append(TIME.format(line.getInstant())).append(' ');
        text.append(word(line.getLevel())).append(' ');
        text.append(line.getLoggerName()).append(": ");
        text.append(formatMessage(line).replace('\n', ' ')).append('\n');
        Throwable thrown = line.getThrown();
        if (thrown != null) {
            text.append("    ").append(thrown).append('\n');
            for (StackTraceElement frame : thrown.getStackTrace()) {
                text.append("        at ").append(frame).append('\n');
            }
        }
        return text.toString();
    }

    private static String word(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (value >= Level.WARNING.intValue()) {
            return "warning";
        }
        return value >= Level.INFO.intValue() ? "info" : "debug";
    }
}
