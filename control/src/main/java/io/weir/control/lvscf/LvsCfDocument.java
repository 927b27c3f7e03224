package io.weir.control.lvscf;

import java.util.List;

/**
 * The lines of an lvs.cf as a tree, comments and blank lines included. What the keys mean is not
 * looked at.
 *
 * @param source where it comes from, for messages; a file's name as the operator wrote it
 * @param nodes what stands outside all braces, in order
 * @param newline how lines end, LF or CR LF
 */
public record LvsCfDocument(String source, List<LvsCfNode> nodes, String newline) {
    /** The longest text that is read, in characters. */
    public static final int MAX_LENGTH = 16 << 20;

    public LvsCfDocument {
        nodes = List.copyOf(nodes);
    }

    /**
     * Reads a text.
     *
     * @param source where it comes from, for messages
     * @throws LvsCfException naming every line that is wrong
     */
    public static LvsCfDocument parse(String source, String text) throws LvsCfException {
        Faults faults = new Faults(source);
        LvsCfDocument document = DocumentParser.parse(source, text, faults);
        faults.check();
        return document;
    }

    /** The text, which is read as this document. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (String line : LvsCfNode.lines(nodes)) {
            text.append(line).append(newline);
        }
        return text.toString();
    }

    LvsCfDocument with(List<LvsCfNode> others) {
        return new LvsCfDocument(source, others, newline);
    }
}
