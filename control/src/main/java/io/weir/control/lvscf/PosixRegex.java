package io.weir.control.lvscf;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Translates a POSIX extended regular expression (IEEE Std 1003.1, 9.4), as nanny takes it, into
 * one of Java's that matches the same texts.
 */
final class PosixRegex {
    /** Characters that mean something to Java in brackets. */
    private static final String JAVA_MEMBERS = "\\[]&^-~";

    private static final int MAX_LENGTH = 1024;
    private static final int MAX_DEPTH = 50;
    private static final int MAX_OPERATORS = 4;
    private static final int MAX_REPEAT = 255;

    private final String source;
    private int at;
    private int depth;

    private PosixRegex(String source) {
        this.source = source;
    }

    /**
     * Translates an expression.
     *
     * @throws LvsCfFault if it is none
     */
    static String toJava(String expression) throws LvsCfFault {
        if (expression.length() > MAX_LENGTH) {
            throw new LvsCfFault(
                    "a regular expression can have " + MAX_LENGTH + " characters at most");
        }
        PosixRegex regex = new PosixRegex(expression);
        String java = regex.alternatives();
        if (regex.at < expression.length()) {
            throw regex.fault("a ) has no ( before it; write \\) for the character");
        }
        try {
            Pattern.compile(java, Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw regex.fault(e.getDescription());
        }
        return java;
    }

    private LvsCfFault fault(String what) {
        return new LvsCfFault("\"" + source + "\" is not an extended regular expression: " + what);
    }

    private boolean more() {
        return at < source.length();
    }

    private String alternatives() throws LvsCfFault {
        depth++;
        if (depth > MAX_DEPTH) {
            throw fault("it is nested more than " + MAX_DEPTH + " deep");
        }
        StringBuilder java = new StringBuilder(branch());
        while (more() && source.charAt(at) == '|') {
            at++;
            java.append('|').append(branch());
        }
        depth--;
        return java.toString();
    }

    private String branch() throws LvsCfFault {
        StringBuilder java = new StringBuilder();
        while (more() && source.charAt(at) != '|' && source.charAt(at) != ')') {
            java.append(piece());
        }
        return java.toString();
    }

    // A second operator repeats the repetition; to Java "*?" or "*+" would be something else.
    private String piece() throws LvsCfFault {
        String piece = atom();
        int operators = 0;
        while (more()) {
            String operator = repetition();
            if (operator.isEmpty()) {
                break;
            }
            piece = (operators > 0 ? "(?:" + piece + ")" : piece) + operator;
            operators++;
            if (operators > MAX_OPERATORS) {
                throw fault("there are more than " + MAX_OPERATORS + " operators in a row");
            }
        }
        return piece;
    }

    private String repetition() throws LvsCfFault {
        char c = source.charAt(at);
        if (c == '*' || c == '+' || c == '?') {
            at++;
            return String.valueOf(c);
        }
        if (c != '{' || at + 1 == source.length() || !Character.isDigit(source.charAt(at + 1))) {
            return "";
        }
        int close = source.indexOf('}', at);
        String bounds = close < 0 ? "" : source.substring(at + 1, close);
        if (!bounds.matches("[0-9]{1,3}(,[0-9]{0,3})?")) {
            throw fault("{ needs one or two numbers and a } behind it");
        }
        for (String bound : bounds.split(",", -1)) {
            if (!bound.isEmpty() && Integer.parseInt(bound) > MAX_REPEAT) {
                throw fault("nothing can be repeated more than " + MAX_REPEAT + " times");
            }
        }
        at = close + 1;
        return "{" + bounds + "}";
    }

    private String atom() throws LvsCfFault {
        char c = source.charAt(at);
        at++;
        return switch (c) {
            case '(' -> group();
            case '[' -> brackets();
            case '\\' -> escaped();
            case '*', '+', '?' -> throw fault("there is nothing before " + c + " to repeat");
            // Java's own $ also matches before a newline at the end.
            case '$' -> "\\z";
            case '.', '^' -> String.valueOf(c);
            default -> literal(c);
        };
    }

    private String group() throws LvsCfFault {
        String inside = alternatives();
        if (!more()) {
            throw fault("a ) is missing");
        }
        at++;
        return "(" + inside + ")";
    }

    /** An escaped character is itself; with the letters, GNU's extensions are kept. */
    private String escaped() throws LvsCfFault {
        if (!more()) {
            throw fault("nothing follows the \\ at the end");
        }
        char c = source.charAt(at);
        at++;
        return switch (c) {
            case 'w', 'W', 's', 'S', 'b', 'B' -> "\\" + c;
            case '<' -> "\\b(?=\\w)";
            case '>' -> "\\b(?<=\\w)";
            case '`' -> "\\A";
            case '\'' -> "\\z";
            default -> literal(c);
        };
    }

    private static String literal(char c) {
        return Escapes.regex(String.valueOf(c));
    }

    private String brackets() throws LvsCfFault {
        StringBuilder java = new StringBuilder("[");
        if (more() && source.charAt(at) == '^') {
            java.append('^');
            at++;
        }
        int first = at;
        boolean character = false;
        while (more() && (source.charAt(at) != ']' || at == first)) {
            character = member(java, character);
        }
        if (!more()) {
            throw fault("a ] is missing");
        }
        at++;
        return java.append(']').toString();
    }

    /**
     * Translates one member.
     *
     * @param character whether a character is before it, from which a range can begin
     * @return whether it is one itself
     */
    private boolean member(StringBuilder java, boolean character) throws LvsCfFault {
        if (source.startsWith("[:", at)) {
            int close = source.indexOf(":]", at);
            java.append(characterClass(close < 0 ? "" : source.substring(at + 2, close)));
            at = close + 2;
            return false;
        }
        if (source.startsWith("[.", at) || source.startsWith("[=", at)) {
            throw fault("[. .] and [= =] are not supported");
        }
        char c = source.charAt(at);
        at++;
        boolean range = c == '-' && character && more() && source.charAt(at) != ']';
        java.append(range ? "-" : Escapes.regex(c, JAVA_MEMBERS));
        return !range;
    }

    private String characterClass(String name) throws LvsCfFault {
        return switch (name) {
            case "alpha" -> "\\p{Alpha}";
            case "digit" -> "\\p{Digit}";
            case "alnum" -> "\\p{Alnum}";
            case "upper" -> "\\p{Upper}";
            case "lower" -> "\\p{Lower}";
            case "space" -> "\\s";
            case "blank" -> "\\p{Blank}";
            case "punct" -> "\\p{Punct}";
            case "print" -> "\\p{Print}";
            case "graph" -> "\\p{Graph}";
            case "cntrl" -> "\\p{Cntrl}";
            case "xdigit" -> "\\p{XDigit}";
            default -> throw fault("[:" + name + ":] is not a class of characters");
        };
    }
}
