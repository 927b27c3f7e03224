package io.weir.control.lvscf;

import io.weir.control.lvscf.BlockPath.Step;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.LvsCfNode.Block;
import io.weir.control.lvscf.LvsCfNode.Remark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Changes single lines of a document and leaves all others, comments too, as they are. What is new
 * goes where Piranha's tool would have written it. A new document comes of each change; whether its
 * values are good is seen when it is read.
 */
public final class LvsCfEdit {
    private static final String SERIAL = "serial_no";

    /** Piranha's indentation. */
    static final String INDENT = "     ";

    private LvsCfEdit() {}

    /**
     * Sets a key.
     *
     * @param values the words behind it, at least one, without quotes
     * @throws IllegalArgumentException if there is no such block, no such key in a block of its
     *     kind, or a word cannot be written
     */
    public static LvsCfDocument set(
            LvsCfDocument document, BlockPath path, String key, List<String> values) {
        BlockKind kind = kind(path, key);
        return change(
                document,
                path,
                nodes -> {
                    List<LvsCfNode> changed = new ArrayList<>(nodes);
                    int at = find(changed, key);
                    if (at < 0) {
                        String indent = indent(changed, path.steps().size());
                        changed.add(place(changed, kind, key), line(indent, key, values));
                    } else {
                        changed.set(at, line(indentOf(changed.get(at)), key, values));
                    }
                    return changed;
                });
    }

    /**
     * Puts one more line with a key that may stand there several times behind those there are.
     *
     * @throws IllegalArgumentException as {@link #set}
     */
    public static LvsCfDocument add(
            LvsCfDocument document, BlockPath path, String key, List<String> values) {
        BlockKind kind = kind(path, key);
        return change(
                document,
                path,
                nodes -> {
                    List<LvsCfNode> changed = new ArrayList<>(nodes);
                    String indent = indent(changed, path.steps().size());
                    changed.add(place(changed, kind, key), line(indent, key, values));
                    return changed;
                });
    }

    /**
     * Takes every line with a key out of a block; nothing happens if there is none.
     *
     * @throws IllegalArgumentException if there is no such block
     */
    public static LvsCfDocument remove(LvsCfDocument document, BlockPath path, String key) {
        return change(
                document, path, nodes -> nodes.stream().filter(node -> !isKey(node, key)).toList());
    }

    /**
     * Adds a block behind those of its type.
     *
     * @param path where; {@link BlockPath#TOP} for outside all blocks
     * @throws IllegalArgumentException if there is no such place, or no such block can stand there
     */
    public static LvsCfDocument addBlock(
            LvsCfDocument document, BlockPath path, String type, String name) {
        int depth = path.steps().size();
        return addBlock(document, path, newBlock(INDENT.repeat(depth), type, name));
    }

    static Block newBlock(String indent, String type, String name) {
        String open = indent + type + " " + Token.write(name) + " {";
        return new Block(0, open, type, name, List.of(), indent + "}");
    }

    static LvsCfDocument addBlock(LvsCfDocument document, BlockPath path, Block block) {
        BlockKind kind = kindOf(path);
        if (!kind.holds(block.type())) {
            throw new IllegalArgumentException(block.type() + " cannot stand " + kind.place());
        }
        return change(
                document,
                path,
                nodes -> {
                    List<LvsCfNode> changed = new ArrayList<>(nodes);
                    changed.add(placeOfBlock(changed, block.type()), block);
                    return changed;
                });
    }

    /**
     * Takes a block out.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static LvsCfDocument removeBlock(LvsCfDocument document, BlockPath path) {
        if (path.steps().isEmpty()) {
            throw new IllegalArgumentException("the whole file is no block");
        }
        Step last = path.steps().getLast();
        BlockPath around = new BlockPath(path.steps().subList(0, path.steps().size() - 1));
        return change(
                document,
                around,
                nodes -> {
                    List<LvsCfNode> changed = new ArrayList<>(nodes);
                    changed.remove(find(changed, last));
                    return changed;
                });
    }

    static boolean exists(LvsCfDocument document, BlockPath path) {
        try {
            change(document, path, UnaryOperator.identity());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Makes the serial number one higher, as each save of Piranha's tool does. */
    public static LvsCfDocument nextSerial(LvsCfDocument document) {
        int serial = 0;
        for (LvsCfNode node : document.nodes()) {
            if (node instanceof Assignment assignment && assignment.key().equals(SERIAL)) {
                serial = number(assignment);
            }
        }
        int next = serial == Integer.MAX_VALUE ? 1 : serial + 1;
        return set(document, BlockPath.TOP, SERIAL, List.of(Integer.toString(next)));
    }

    private static int number(Assignment assignment) {
        try {
            return Values.integer(0, Integer.MAX_VALUE).of(assignment);
        } catch (LvsCfFault e) {
            // Whatever it was, it is a number again.
            return 0;
        }
    }

    private static BlockKind kindOf(BlockPath path) {
        if (path.steps().isEmpty()) {
            return BlockKind.GLOBAL;
        }
        BlockKind kind = BlockKind.of(path.steps().getLast().type());
        if (kind == null) {
            throw new IllegalArgumentException("there are no blocks of the type of " + path);
        }
        return kind;
    }

    private static BlockKind kind(BlockPath path, String key) {
        BlockKind kind = kindOf(path);
        if (Directives.find(kind, key) == null) {
            throw new IllegalArgumentException("there is no key " + key + " " + kind.place());
        }
        return kind;
    }

    static LvsCfDocument change(
            LvsCfDocument document, BlockPath path, UnaryOperator<List<LvsCfNode>> change) {
        return document.with(change(document.nodes(), path.steps(), change));
    }

    private static List<LvsCfNode> change(
            List<LvsCfNode> nodes, List<Step> steps, UnaryOperator<List<LvsCfNode>> change) {
        if (steps.isEmpty()) {
            return change.apply(nodes);
        }
        List<LvsCfNode> changed = new ArrayList<>(nodes);
        int at = find(changed, steps.getFirst());
        Block block = (Block) changed.get(at);
        changed.set(at, block.with(change(block.nodes(), steps.subList(1, steps.size()), change)));
        return changed;
    }

    private static int find(List<LvsCfNode> nodes, Step step) {
        int seen = 0;
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i) instanceof Block block
                    && block.type().equals(step.type())
                    && block.name().equals(step.name())) {
                if (seen == step.which()) {
                    return i;
                }
                seen++;
            }
        }
        throw new IllegalArgumentException("there is no block " + step);
    }

    private static boolean isKey(LvsCfNode node, String key) {
        return node instanceof Assignment assignment && assignment.key().equals(key);
    }

    private static int find(List<LvsCfNode> nodes, String key) {
        for (int i = 0; i < nodes.size(); i++) {
            if (isKey(nodes.get(i), key)) {
                return i;
            }
        }
        return -1;
    }

    /** Behind the last key that comes before it, or before the first thing that comes behind. */
    private static int place(List<LvsCfNode> nodes, BlockKind kind, String key) {
        List<String> order = List.copyOf(Directives.keys(kind));
        int mine = order.indexOf(key);
        int behind = -1;
        int before = nodes.size();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i) instanceof Assignment each) {
                int other = order.indexOf(each.key());
                if (other <= mine && behind < 0) {
                    behind = i + 1;
                } else if (other > mine) {
                    before = i;
                }
            } else if (nodes.get(i) instanceof Block) {
                before = i;
            }
        }
        return behind >= 0 ? behind : before;
    }

    /** Behind the last block that may come before it; else behind all keys. */
    private static int placeOfBlock(List<LvsCfNode> nodes, String type) {
        int last = nodes.size();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            LvsCfNode node = nodes.get(i);
            boolean same = node instanceof Block block && block.type().equals(type);
            if (same) {
                return i + 1;
            }
        }
        // A block goes before blank lines at the end of what it stands in.
        while (last > 0
                && nodes.get(last - 1) instanceof Remark remark
                && remark.text().isBlank()) {
            last--;
        }
        return last;
    }

    /** A line as Piranha's tool writes it: texts for the network and commands in quotes. */
    static Assignment line(String indent, String key, List<String> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(key + " needs a value");
        }
        boolean quotes =
                values.size() == 1
                        && List.of("send", "expect", "send_program", "start_cmd", "stop_cmd")
                                .contains(key);
        List<String> words = new ArrayList<>();
        for (String value : values) {
            words.add(quotes ? Token.quote(value) : Token.write(value));
        }
        return new Assignment(
                0, indent + key + " = " + String.join(" ", words), key, List.copyOf(values));
    }

    private static String indent(List<LvsCfNode> nodes, int depth) {
        for (LvsCfNode node : nodes) {
            if (node instanceof Assignment) {
                return indentOf(node);
            }
        }
        return INDENT.repeat(depth);
    }

    private static String indentOf(LvsCfNode node) {
        String text = LvsCfNode.lines(List.of(node)).getFirst();
        int end = 0;
        while (end < text.length() && Token.isBlank(text.charAt(end))) {
            end++;
        }
        return text.substring(0, end);
    }
}
