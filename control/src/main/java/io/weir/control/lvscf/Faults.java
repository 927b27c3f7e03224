package io.weir.control.lvscf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Collects what is wrong with a file, and what is only worth a word, so that all is said at once.
 */
final class Faults {
    /** More are counted only: one forgotten brace makes a mistake of every line behind it. */
    static final int MOST = 50;

    private static final int MAX_SHOWN = 300;

    private final String source;
    private final List<Remark> faults = new ArrayList<>();
    private final List<Remark> notes = new ArrayList<>();
    private int more;

    private record Remark(int line, String text) {}

    Faults(String source) {
        this.source = source;
    }

    /**
     * Takes a mistake down.
     *
     * @param line where it is, from 1; 0 for the whole file
     */
    void add(int line, String text) {
        Remark fault = new Remark(line, text);
        if (faults.contains(fault)) {
            // A value of a virtual block is read again for each of its servers.
            return;
        }
        if (faults.size() < MOST) {
            faults.add(fault);
        } else {
            more++;
        }
    }

    /** Takes something down that works but that the operator may not expect. */
    void note(int line, String text) {
        Remark note = new Remark(line, text);
        if (notes.size() < MOST && !notes.contains(note)) {
            notes.add(note);
        }
    }

    boolean none() {
        return faults.isEmpty();
    }

    void check() throws LvsCfException {
        if (faults.isEmpty()) {
            return;
        }
        List<String> messages = lines(faults);
        if (more > 0) {
            messages.add(printable(source) + ": and " + more + " more mistakes");
        }
        throw new LvsCfException(messages);
    }

    List<String> notes() {
        return lines(notes);
    }

    private List<String> lines(List<Remark> remarks) {
        List<Remark> sorted = new ArrayList<>(remarks);
        sorted.sort(Comparator.comparingInt(Remark::line));
        List<String> lines = new ArrayList<>();
        for (Remark remark : sorted) {
            String where = remark.line == 0 ? "" : ":" + remark.line;
            lines.add(printable(source) + where + ": " + printable(remark.text));
        }
        return lines;
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_SHOWN + 3));
        for (int i = 0; i < Math.min(text.length(), MAX_SHOWN); i++) {
            char c = text.charAt(i);
            boolean separator = c == '\u2028' || c == '\u2029';
            printable.append(Character.isISOControl(c) || separator ? '?' : c);
        }
        return printable.append(text.length() > MAX_SHOWN ? "..." : "").toString();
    }
}
