package io.weir.control.ipvsadm;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The lines that a restore reads. */
final class RestoreInput {
    /** Takes no part in a command, wherever it stands, so that whole command lines can be read. */
    private static final String PROGRAM = "ipvsadm";

    private RestoreInput() {}

    /** The words of a line. There are no quotes. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= line.length(); i++) {
            if (i == line.length() || " \t\r\n".indexOf(line.charAt(i)) >= 0) {
                if (i > start && !line.substring(start, i).equals(PROGRAM)) {
                    words.add(line.substring(start, i));
                }
                start = i + 1;
            }
        }
        return words;
    }

    /** The text without the lines that begin with a hash, as ipvsadm-restore passes it on. */
    static String withoutComments(String text) {
        return text.lines()
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
