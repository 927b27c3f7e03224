package io.weir.control.lvscf;

import java.util.ArrayList;
import java.util.List;

/**
 * Which block of an lvs.cf is meant, from the outermost to itself.
 *
 * @param steps empty for what stands outside all blocks
 */
public record BlockPath(List<Step> steps) {
    /** What stands outside all blocks. */
    public static final BlockPath TOP = new BlockPath(List.of());

    /**
     * One block inside another.
     *
     * @param type as "virtual"
     * @param which among those of the same type and name, from 0
     */
    public record Step(String type, String name, int which) {
        @Override
        public String toString() {
            return type + " " + name + (which == 0 ? "" : " (" + (which + 1) + ")");
        }
    }

    public BlockPath {
        steps = List.copyOf(steps);
    }

    /** The first block of a type and name outside all others. */
    public static BlockPath of(String type, String name) {
        return TOP.in(type, name);
    }

    /** The first block of a type and name inside this one. */
    public BlockPath in(String type, String name) {
        return in(type, name, 0);
    }

    /** A block inside this one, one of several of the same type and name. */
    public BlockPath in(String type, String name, int which) {
        List<Step> deeper = new ArrayList<>(steps);
        deeper.add(new Step(type, name, which));
        return new BlockPath(deeper);
    }

    @Override
    public String toString() {
        return String.join(", ", steps.stream().map(Step::toString).toList());
    }
}
