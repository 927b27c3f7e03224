package io.weir.control.check.probe;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a load average from what a server or a program prints. */
final class LoadText {
    // uptime, rup: "load average: 0.08, 0.03, 0.05"; in some languages "0,08, 0,03, 0,05", of which
    // nanny reads 0. ruptime has no colon: "load 0.08, 0.03, 0.05".
    private static final String NUMBER = "([0-9]{1,9}(?:\\.[0-9]{1,9}|,[0-9]{2}(?![0-9]))?)";
    private static final Pattern LINE =
            Pattern.compile("load(?:[^:\\n]{0,100}:[ \\t]{0,20}|[ \\t]{1,20})" + NUMBER);
    private static final Pattern FIRST = Pattern.compile("\\s{0,20}" + NUMBER + "(?:\\s|$)");

    private LoadText() {}

    /** The number after the word load, and after a colon if there is one on the line. */
    static OptionalDouble inLine(String text) {
        return number(LINE.matcher(text));
    }

    /** As {@link #inLine}, or the number that the text begins with, as in /proc/loadavg. */
    static OptionalDouble anywhere(String text) {
        Matcher first = FIRST.matcher(text);
        return first.lookingAt() ? parse(first.group(1)) : inLine(text);
    }

    private static OptionalDouble number(Matcher matcher) {
        return matcher.find() ? parse(matcher.group(1)) : OptionalDouble.empty();
    }

    private static OptionalDouble parse(String number) {
        return OptionalDouble.of(Double.parseDouble(number.replace(',', '.')));
    }
}
