package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/** Which daemon a command speaks with. */
final class SocketOption {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The daemon's control socket, if it is not in its usual place.")
    private @Nullable String path;

    /** The control socket's path if the user gave one, else null. */
    @Nullable String path() {
        return path;
    }
}
