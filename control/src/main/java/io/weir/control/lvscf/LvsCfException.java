package io.weir.control.lvscf;

import java.io.Serial;
import java.util.List;

/** An lvs.cf that cannot be had; nothing of it is in force. */
public final class LvsCfException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private final transient List<String> messages;

    /**
     * @param messages one line for each mistake: file, line, what is wrong and what to do
     */
    LvsCfException(List<String> messages) {
        super(String.join("\n", messages));
        this.messages = List.copyOf(messages);
    }

    /** One line for each mistake, in the order of the file. */
    public List<String> messages() {
        return messages;
    }

    /** All lines in one text. */
    public String text() {
        return String.join("\n", messages);
    }
}
