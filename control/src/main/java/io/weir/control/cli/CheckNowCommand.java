package io.weir.control.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.concurrent.Callable;

/** weir check-now. */
@Command(
        name = "check-now",
        description = "Has every real server checked now, whatever its turn is.",
        mixinStandardHelpOptions = true)
final class CheckNowCommand implements Callable<Integer> {
    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        DaemonRequest.send(socket.path(), "POST", "/v1/checks", null);
        return 0;
    }
}
