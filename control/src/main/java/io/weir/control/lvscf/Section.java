package io.weir.control.lvscf;

import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.LvsCfNode.Block;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of one block by name. What no block of its kind can hold is found at once; a value that
 * cannot be had is found when it is read, and another one taken so that reading can go on.
 */
final class Section {
    private final BlockKind kind;
    private final String name;
    private final int line;
    private final @Nullable Section around;
    private final Faults faults;
    private final Map<String, List<Assignment>> assignments = new HashMap<>();
    private final List<Block> blocks = new ArrayList<>();

    /** Makes something of the words behind a key. */
    @FunctionalInterface
    interface Conversion<T> {
        T of(Assignment assignment) throws LvsCfFault;
    }

    private Section(
            BlockKind kind,
            String name,
            int line,
            @Nullable Section around,
            List<LvsCfNode> nodes,
            Faults faults) {
        this.kind = kind;
        this.name = name;
        this.line = line;
        this.around = around;
        this.faults = faults;
        for (LvsCfNode node : nodes) {
            if (node instanceof Assignment assignment) {
                take(assignment);
            } else if (node instanceof Block block) {
                take(block);
            }
        }
    }

    static Section global(LvsCfDocument document, Faults faults) {
        return new Section(BlockKind.GLOBAL, "", 0, null, document.nodes(), faults);
    }

    private void take(Assignment assignment) {
        String key = assignment.key();
        Directive directive = Directives.find(kind, key);
        if (directive == null) {
            faults.add(
                    assignment.line(),
                    "there is no key "
                            + key
                            + " "
                            + kind.place()
                            + Spelling.suggestion(key, Directives.keys(kind)));
            return;
        }
        if (assignment.values().size() > directive.most()) {
            String word = assignment.values().get(directive.most());
            faults.add(
                    assignment.line(),
                    word.startsWith("#")
                            ? "a comment needs a line of its own; take it out from behind " + key
                            : "\""
                                    + word
                                    + "\" is too much; "
                                    + key
                                    + " takes "
                                    + directive.most()
                                    + (directive.most() == 1 ? " word" : " words"));
        }
        List<Assignment> all = assignments.computeIfAbsent(key, any -> new ArrayList<>());
        if (!all.isEmpty() && !directive.repeated()) {
            faults.add(
                    assignment.line(),
                    key
                            + " stands already in line "
                            + all.getFirst().line()
                            + "; take one of them out");
            return;
        }
        all.add(assignment);
        String ignored = directive.ignored();
        if (ignored != null && !assignment.joined().equals(directive.usual())) {
            faults.note(assignment.line(), key + " has no effect: " + ignored);
        }
    }

    private void take(Block block) {
        if (kind.holds(block.type())) {
            blocks.add(block);
            return;
        }
        if (BlockKind.isBlock(block.type())) {
            faults.add(
                    block.line(), block.type() + " cannot stand " + kind.place() + belongs(block));
        } else {
            faults.add(
                    block.line(),
                    "there is no block "
                            + block.type()
                            + " "
                            + kind.place()
                            + Spelling.suggestion(block.type(), kind.inside()));
        }
    }

    private static String belongs(Block block) {
        List<String> places = new ArrayList<>();
        for (BlockKind place : BlockKind.values()) {
            if (place.holds(block.type())) {
                places.add(place.place());
            }
        }
        return "; it belongs " + String.join(" or ", places);
    }

    /** The blocks of a kind, in order. */
    List<Section> blocks(BlockKind wanted) {
        List<Section> sections = new ArrayList<>();
        for (Block block : blocks) {
            if (BlockKind.of(block.type()) == wanted) {
                sections.add(
                        new Section(
                                wanted, block.name(), block.line(), this, block.nodes(), faults));
            }
        }
        return sections;
    }

    String name() {
        return name;
    }

    /** The line that opens the block. */
    int line() {
        return line;
    }

    /** The line of a key, or of the block if it is not there. */
    int line(String key) {
        Assignment assignment = assignment(key);
        return assignment == null ? line : assignment.line();
    }

    /** Whether the key is there, in this block or, if it can be inherited, in the one around it. */
    boolean has(String key) {
        return assignment(key) != null;
    }

    /** Whether the key is in this very block. */
    boolean hasItself(String key) {
        return assignments.containsKey(key);
    }

    private @Nullable Assignment assignment(String key) {
        List<Assignment> all = assignments.get(key);
        if (all != null) {
            return all.getFirst();
        }
        Directive directive = Directives.find(kind, key);
        boolean inherited = directive != null && directive.inherited();
        return inherited && around != null && Directives.find(around.kind, key) != null
                ? around.assignment(key)
                : null;
    }

    /** Reads the value of a key; the other one if it is not there or cannot be had. */
    <T> T read(String key, T otherwise, Conversion<T> conversion) {
        T value = find(key, conversion);
        return value == null ? otherwise : value;
    }

    /** Reads the value of a key; null if it is not there or cannot be had. */
    <T> @Nullable T find(String key, Conversion<T> conversion) {
        Assignment assignment = assignment(key);
        return assignment == null ? null : convert(assignment, conversion);
    }

    /** Reads every value of a key that may stand there more than once. */
    <T> List<T> all(String key, Conversion<T> conversion) {
        List<T> values = new ArrayList<>();
        for (Assignment assignment : assignments.getOrDefault(key, List.of())) {
            T value = convert(assignment, conversion);
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    private <T> @Nullable T convert(Assignment assignment, Conversion<T> conversion) {
        try {
            return conversion.of(assignment);
        } catch (LvsCfFault fault) {
            faults.add(assignment.line(), assignment.key() + ": " + fault.text());
            return null;
        }
    }

    /** Takes down that the value of a key does not do. */
    void fault(String key, String text) {
        faults.add(line(key), text);
    }

    /** Takes down that something works but may not be expected. */
    void note(String key, String text) {
        faults.note(line(key), text);
    }
}
