package io.weir.control.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Events as words. */
public final class EventText {
    private EventText() {}

    /** One line for a log, without the time: kind, subject, state and why. */
    public static String line(Event event) {
        StringBuilder line = new StringBuilder(kind(event));
        for (String word : event.subject()) {
            line.append(' ').append(printable(word));
        }
        line.append(": ").append(event.state());
        if (!event.detail().isEmpty()) {
            line.append(": ").append(printable(event.detail()));
        }
        return line.toString();
    }

    /** The words that a program gets: kind, state, detail, and the words of the subject. */
    public static List<String> arguments(Event event) {
        List<String> words = new ArrayList<>();
        words.add(kind(event));
        words.add(event.state());
        words.add(printable(event.detail()));
        event.subject().forEach(word -> words.add(printable(word)));
        return words;
    }

    /** What the event is about, in one word. */
    public static String kind(Event event) {
        return event.kind().name().toLowerCase(Locale.ROOT);
    }

    // What a server answers to a check gets into the detail; it must not write lines of its own.
    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? '?' : c);
        }
        return printable.toString();
    }
}
