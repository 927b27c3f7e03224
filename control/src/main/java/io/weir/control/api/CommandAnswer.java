package io.weir.control.api;

import java.io.IOException;
import java.io.OutputStream;

/** Where a command's output goes and what its exit code becomes. Used by one thread. */
interface CommandAnswer {
    OutputStream output();

    OutputStream errors();

    /** Ends the response. */
    void finish(int exitCode) throws IOException;
}
