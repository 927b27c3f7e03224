package io.weir.control.lvscf;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of an lvs.cf.
 *
 * <p>Texts of lines are as they stand in the file, without their ends.
 */
public sealed interface LvsCfNode {
    /** The number of its first line, from 1; 0 if it is not from a file. */
    int line();

    /** A line without a meaning: blank, or a comment. */
    record Remark(int line, String text) implements LvsCfNode {}

    /**
     * A key and what it is set to.
     *
     * @param text the line
     * @param values at least one word, without their quotes
     */
    record Assignment(int line, String text, String key, List<String> values) implements LvsCfNode {
        public Assignment {
            values = List.copyOf(values);
        }

        /** The words, one blank between two. */
        String joined() {
            return String.join(" ", values);
        }
    }

    /**
     * Lines in braces.
     *
     * @param text the line that opens it
     * @param type as "virtual"
     * @param name what the operator calls it, or what kind of check it is
     * @param nodes what is inside
     * @param end the line that closes it
     */
    record Block(int line, String text, String type, String name, List<LvsCfNode> nodes, String end)
            implements LvsCfNode {
        public Block {
            nodes = List.copyOf(nodes);
        }

        Block with(List<LvsCfNode> others) {
            return new Block(line, text, type, name, others, end);
        }

        /** The lines of the block, from the one that opens it to the one that closes it. */
        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(text);
            lines.addAll(LvsCfNode.lines(nodes));
            lines.add(end);
            return lines;
        }
    }

    /** The lines of some nodes. */
    static List<String> lines(List<LvsCfNode> nodes) {
        List<String> lines = new ArrayList<>();
        for (LvsCfNode node : nodes) {
            switch (node) {
                case Remark remark -> lines.add(remark.text());
                case Assignment assignment -> lines.add(assignment.text());
                case Block block -> lines.addAll(block.lines());
            }
        }
        return lines;
    }
}
