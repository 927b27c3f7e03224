package io.weir.control.lvscf;

import java.util.Collection;

/** Finds the word that someone probably meant. */
final class Spelling {
    private static final int MAX_LENGTH = 60;

    private Spelling() {}

    /** A question with the nearest known word, empty if none is near. */
    static String suggestion(String word, Collection<String> known) {
        String nearest = "";
        int least = Math.max(1, word.length() / 3) + 1;
        for (String candidate : known) {
            int distance =
                    word.length() > MAX_LENGTH ? Integer.MAX_VALUE : distance(word, candidate);
            if (distance < least) {
                least = distance;
                nearest = candidate;
            }
        }
        return nearest.isEmpty() ? "" : "; did you mean " + nearest + "?";
    }

    /**
     * How many letters have to be put in, taken out, changed, or exchanged with the next one
     * (optimal string alignment).
     */
    static int distance(String from, String to) {
        int[][] rows = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : step(rows, i, j, from, to);
            }
        }
        return rows[from.length()][to.length()];
    }

    private static int step(int[][] rows, int i, int j, String from, String to) {
        char last = from.charAt(i - 1);
        int changed = rows[i - 1][j - 1] + (last == to.charAt(j - 1) ? 0 : 1);
        int least = Math.min(changed, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        boolean exchanged =
                i > 1
                        && j > 1
                        && last == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return exchanged ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
    }
}
