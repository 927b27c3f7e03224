package io.weir.control.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of a listing of connections.
 *
 * @param rest everything but the time left
 * @param seconds the time left; -1 for a heading
 */
record ListedConnection(String rest, int seconds) {
    private static final Pattern ROW = Pattern.compile("(\\S+) (\\d+):(\\d\\d) (.*)");

    /** What listings of the same instant may differ by, since reading a table takes a while. */
    private static final int TOLERANCE = 2;

    static String spaced(String line) {
        return line.trim().replaceAll("\\s+", " ");
    }

    static List<ListedConnection> read(String text) {
        return Arrays.stream(text.split("\n")).map(ListedConnection::of).toList();
    }

    static ListedConnection of(String line) {
        Matcher row = ROW.matcher(spaced(line));
        return row.matches()
                ? new ListedConnection(
                        row.group(1) + " " + row.group(4),
                        Integer.parseInt(row.group(2)) * 60 + Integer.parseInt(row.group(3)))
                : new ListedConnection(spaced(line), -1);
    }

    /**
     * How two listings differ. A connection with next to no time left may be missing in one.
     *
     * @param late by how much the kernel's may have been read later
     */
    static List<String> differences(
            List<ListedConnection> kernel, List<ListedConnection> weir, int late) {
        List<String> differences = new ArrayList<>();
        List<ListedConnection> rest = new ArrayList<>(weir);
        for (ListedConnection row : kernel) {
            ListedConnection match = null;
            for (ListedConnection candidate : rest) {
                if (candidate.rest.equals(row.rest)
                        && (match == null || row.distance(candidate) < row.distance(match))) {
                    match = candidate;
                }
            }
            if (match == null) {
                if (row.lasts(0) && !repeats(row, kernel)) {
                    differences.add("missing: " + row);
                }
            } else {
                rest.remove(match);
                if (match.seconds - row.seconds > TOLERANCE + late
                        || row.seconds - match.seconds > TOLERANCE) {
                    differences.add(row + ", not " + match.seconds);
                }
            }
        }
        for (ListedConnection row : rest) {
            if (row.lasts(late)) {
                differences.add("too much: " + row);
            }
        }
        return differences;
    }

    // Reading /proc piece by piece shows some rows twice.
    private static boolean repeats(ListedConnection row, List<ListedConnection> rows) {
        return rows.stream().filter(other -> other.rest.equals(row.rest)).count() > 1;
    }

    private int distance(ListedConnection other) {
        return Math.abs(seconds - other.seconds);
    }

    /** Whether it is a connection with no more than this time left. */
    boolean endsWithin(int most) {
        return seconds >= 0 && seconds <= most;
    }

    private boolean lasts(int late) {
        return seconds < 0 || seconds > TOLERANCE + late;
    }
}
