package io.weir.control.keeper;

import java.io.Serial;

/** The balancer refused a change of the table. The message is one line for the operator. */
public final class TableRefusal extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    TableRefusal(String message) {
        super(message);
    }
}
