package io.weir.control.ipvsadm;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Takes a command line apart as popt does: letters in clusters, an argument joined to its letter
 * with or without an equals sign, long names with a joined or a separate argument, everything else
 * left over for later.
 */
final class OptionScanner {
    private final List<String> words;
    private final Deque<String> leftOver = new ArrayDeque<>();
    private int next;
    private @Nullable String cluster;
    private boolean onlyLeftOver;
    private @Nullable String argument;
    private @Nullable String error;

    OptionScanner(List<String> words) {
        this.words = words;
    }

    /** The next switch; null at the end, or at the first word that is none: see {@link #error}. */
    @Nullable Switch next() {
        argument = null;
        if (cluster == null) {
            String word = nextDashed();
            if (word == null) {
                return null;
            }
            if (word.startsWith("--")) {
                return longSwitch(word.substring(2));
            }
            cluster = word.substring(1);
        }
        return letter(cluster);
    }

    private @Nullable String nextDashed() {
        while (next < words.size()) {
            String word = words.get(next++);
            if (onlyLeftOver || !word.startsWith("-") || word.equals("-")) {
                leftOver.add(word);
            } else if (word.equals("--")) {
                onlyLeftOver = true;
            } else {
                return word;
            }
        }
        return null;
    }

    private @Nullable Switch longSwitch(String text) {
        int equals = text.indexOf('=');
        Switch found = Switch.ofName(equals < 0 ? text : text.substring(0, equals));
        if (found == null) {
            return fail("unknown option");
        }
        return withArgument(found, equals < 0 ? null : text.substring(equals + 1));
    }

    private @Nullable Switch letter(String letters) {
        Switch found = Switch.ofLetter(letters.charAt(0));
        if (found == null) {
            return fail("unknown option");
        }
        String rest = letters.substring(1);
        if (rest.isEmpty()) {
            cluster = null;
            return withArgument(found, null);
        }
        if (found.arity() == Switch.Arity.NONE && !rest.startsWith("=")) {
            cluster = rest;
            return found;
        }
        cluster = null;
        return withArgument(found, rest.startsWith("=") ? rest.substring(1) : rest);
    }

    private @Nullable Switch withArgument(Switch found, @Nullable String joined) {
        if (found.arity() == Switch.Arity.NONE) {
            return joined == null ? found : fail("option does not take an argument");
        }
        if (joined != null) {
            argument = joined;
        } else if (next < words.size()
                && (found.arity() == Switch.Arity.ONE || !words.get(next).startsWith("-"))) {
            argument = words.get(next++);
        } else if (found.arity() == Switch.Arity.ONE) {
            return fail("missing argument");
        }
        return found;
    }

    private @Nullable Switch fail(String message) {
        error = message;
        return null;
    }

    /** The argument of the last switch, if it takes one and one was there. */
    @Nullable String argument() {
        return argument;
    }

    /** What ended the switches; null if it was the end of the words. */
    @Nullable String error() {
        return error;
    }

    /** The word last looked at, which is the argument if that was a word of its own. */
    String lastWord() {
        return next == 0 ? "" : words.get(next - 1);
    }

    /** The next word that is neither switch nor argument, or null. */
    @Nullable String leftOver() {
        return leftOver.poll();
    }
}
