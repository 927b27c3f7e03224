package io.weir.control.lvscf;

import org.jspecify.annotations.Nullable;

/**
 * A key that may stand in a kind of block.
 *
 * @param most the most words behind it, at least 1
 * @param repeated may stand there more than once
 * @param inherited a server block without it takes it from the virtual block around it
 * @param own weir's own, unknown to Piranha
 * @param ignored why it has no effect, null if it has one
 * @param usual of one without effect, the value that needs no word because nothing is missed
 */
record Directive(
        String key,
        int most,
        boolean repeated,
        boolean inherited,
        boolean own,
        @Nullable String ignored,
        String usual) {
    static Directive of(String key) {
        return new Directive(key, 1, false, false, false, null, "");
    }

    static Directive ignored(String key, String usual, String why) {
        return new Directive(key, Token.MOST, false, false, false, why, usual);
    }

    /** The same with room for more words. */
    Directive words(int count) {
        return new Directive(key, count, repeated, inherited, own, ignored, usual);
    }

    Directive list() {
        return words(Token.MOST);
    }

    Directive repeat() {
        return new Directive(key, most, true, inherited, own, ignored, usual);
    }

    Directive inherit() {
        return new Directive(key, most, repeated, true, own, ignored, usual);
    }

    Directive weirs() {
        return new Directive(key, most, repeated, inherited, true, ignored, usual);
    }
}
