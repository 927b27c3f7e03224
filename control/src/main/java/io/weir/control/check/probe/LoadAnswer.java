package io.weir.control.check.probe;

import java.util.OptionalDouble;

/**
 * What a server answered to the question for its load.
 *
 * @param load empty if it did not tell
 * @param detail why it is empty, one line
 */
public record LoadAnswer(OptionalDouble load, String detail) {
    public static LoadAnswer missing(String detail) {
        return new LoadAnswer(OptionalDouble.empty(), detail);
    }

    /** The load that was read from a text, which is shown if there is none in it. */
    static LoadAnswer read(OptionalDouble load, String text) {
        return new LoadAnswer(
                load, load.isPresent() ? "" : "no load in " + ExpectedText.shown(text));
    }
}
