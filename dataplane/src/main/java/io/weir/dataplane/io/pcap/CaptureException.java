package io.weir.dataplane.io.pcap;

import java.io.IOException;

/** A capture file cannot be read or written; the message says which file, where in it and why. */
public final class CaptureException extends IOException {
    private static final long serialVersionUID = 1L;

    CaptureException(String message) {
        super(message);
    }

    CaptureException(String message, IOException cause) {
        super(message, cause);
    }
}
