package io.weir.control.cli;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir drain. */
@Command(
        name = "drain",
        description = {
            "Takes a real server out of service: it gets no new connections, not even of clients"
                    + " that stick to it, and keeps those that it has until the drain time of its"
                    + " configuration is over.",
            "With --off it comes back, if its checks pass."
        },
        mixinStandardHelpOptions = true)
final class DrainCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private SocketOption socket = new SocketOption();

    @Option(names = "--off", description = "Lets the server in again.")
    private boolean off;

    @Option(
            names = "--service",
            paramLabel = "NAME",
            description = "The only service that is meant; without it, all that have the server.")
    private @Nullable String service;

    @Parameters(
            paramLabel = "SERVER",
            description = "The server's name, its address, or its address and port.")
    private String server = "";

    @Override
    public Integer call() throws CommandFailure {
        String target = "/v1/drain?on=" + !off + "&server=" + DaemonRequest.encode(server);
        if (service != null) {
            target += "&service=" + DaemonRequest.encode(service);
        }
        String answer = DaemonRequest.send(socket.path(), "POST", target, null);
        int servers = DaemonRequest.field(answer, "servers").asInt();
        spec.commandLine()
                .getOut()
                .println(
                        server
                                + (off ? " is back in " : " drains in ")
                                + servers
                                + (servers == 1 ? " service" : " services"));
        return 0;
    }
}
