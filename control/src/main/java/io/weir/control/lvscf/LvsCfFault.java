package io.weir.control.lvscf;

import java.io.Serial;

/** What is wrong with one line and what to do; where it stands is its reader's to say. */
final class LvsCfFault extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    LvsCfFault(String message) {
        super(message);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
