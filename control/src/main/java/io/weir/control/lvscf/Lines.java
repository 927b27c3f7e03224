package io.weir.control.lvscf;

import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.LvsCfNode.Block;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** The keys and blocks of a new block, in whatever order they come. */
final class Lines {
    private final BlockKind kind;
    private final String indent;
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();

    Lines(BlockKind kind, String indent) {
        this.kind = kind;
        this.indent = indent;
    }

    /** Puts a key; a key that is unknown here is a mistake of ours. */
    void set(String key, List<String> values) {
        if (Directives.find(kind, key) == null) {
            throw new IllegalStateException("there is no key " + key + " " + kind.place());
        }
        assignments.add(LvsCfEdit.line(indent, key, values));
    }

    void set(String key, Object value) {
        set(key, List.of(value.toString()));
    }

    void set(String key, Duration value) {
        set(key, List.of(LvsCfText.seconds(value)));
    }

    void flag(String key, boolean on) {
        set(key, List.of(LvsCfText.flag(on)));
    }

    /** Puts a key if its value is not the one that it has without it. */
    <T> void unless(T usual, String key, T value) {
        if (!value.equals(usual)) {
            set(key, value);
        }
    }

    /** Puts a command, unless it is none. */
    void command(String key, List<String> words) {
        if (!words.isEmpty()) {
            set(key, words);
        }
    }

    void block(BlockKind inner, String type, String name, Consumer<Lines> content) {
        Lines lines = new Lines(inner, indent + LvsCfEdit.INDENT);
        content.accept(lines);
        blocks.add(LvsCfEdit.newBlock(indent, type, name).with(lines.nodes()));
    }

    /** All of them, in the order in which they are written. */
    List<LvsCfNode> nodes() {
        List<String> order = List.copyOf(Directives.keys(kind));
        List<Assignment> sorted = new ArrayList<>(assignments);
        sorted.sort(Comparator.comparingInt(each -> order.indexOf(each.key())));
        List<LvsCfNode> nodes = new ArrayList<>(sorted);
        nodes.addAll(blocks);
        return nodes;
    }
}
