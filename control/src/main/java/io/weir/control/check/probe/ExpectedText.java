package io.weir.control.check.probe;

import io.weir.control.config.Probe.Expectation;

import org.jspecify.annotations.Nullable;

import java.util.regex.PatternSyntaxException;

/** Compares answers with what is expected; takes characters for bytes, as the expectations do. */
final class ExpectedText {
    private static final int SHOWN_CHARACTERS = 40;

    private ExpectedText() {}

    /**
     * What is wrong with a complete answer.
     *
     * @return one line, null if the answer is good
     */
    static @Nullable String fault(Expectation expected, String answer) {
        return switch (expected) {
            case Expectation.Anything() -> answer.isEmpty() ? "empty answer" : null;
            case Expectation.Prefix(String text) ->
                    answer.startsWith(text)
                            ? null
                            : "answer begins with " + shown(answer) + ", expected " + shown(text);
            case Expectation.Exactly(String text) ->
                    answer.equals(text)
                            ? null
                            : "answer is " + shown(answer) + ", expected " + shown(text);
            case Expectation.Matching(String expression) -> matchFault(expression, true, answer);
            case Expectation.NotMatching(String expression) ->
                    matchFault(expression, false, answer);
        };
    }

    private static @Nullable String matchFault(String expression, boolean wanted, String answer) {
        Expectation.Matching expected = new Expectation.Matching(expression);
        try {
            if (expected.pattern().matcher(new PatientText(answer)).find() == wanted) {
                return null;
            }
            return (wanted ? "no match of " : "a match of ")
                    + shown(expression)
                    + " in "
                    + shown(answer);
        } catch (PatternSyntaxException e) {
            return "not a regular expression: " + shown(expression);
        } catch (PatientText.Exhausted | StackOverflowError e) {
            // Backtracking can take exponential time, and one stack frame a character.
            return "gave up the search for " + shown(expression);
        }
    }

    /** The beginning of a text in quotes, without anything that would break a line. */
    static String shown(String text) {
        StringBuilder line = new StringBuilder("\"");
        int length = Math.min(text.length(), SHOWN_CHARACTERS);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> line.append(c < ' ' || c > '~' ? '.' : c);
            }
        }
        return line.append(length < text.length() ? "...\"" : "\"").toString();
    }

    /** A text that can be looked at only so often. */
    private static final class PatientText implements CharSequence {
        private static final int LOOKS_LIMIT = 4_000_000;

        private final String text;
        private int looks;

        PatientText(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++looks > LOOKS_LIMIT) {
                throw new Exhausted();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }

        /** Looked too often. */
        private static final class Exhausted extends RuntimeException {
            private static final long serialVersionUID = 1L;

            Exhausted() {
                super(null, null, false, false);
            }
        }
    }
}
