package io.weir.control.cli;

import io.weir.control.proc.ProcFile;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

/** weir proc. */
@Command(
        name = "proc",
        description = {
            "Prints what the kernel's IPVS would show in a file of /proc/net: ip_vs, ip_vs_conn,"
                    + " ip_vs_conn_sync, ip_vs_stats, ip_vs_stats_percpu or ip_vs_app."
        },
        mixinStandardHelpOptions = true)
final class ProcCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "NAME",
            description = "The file's name, with or without /proc/net/ before it.")
    private String name = "";

    @Mixin private SocketOption socket = new SocketOption();

    @Override
    public Integer call() throws CommandFailure {
        ProcFile file = ProcFile.named(name);
        if (file == null) {
            throw new ParameterException(
                    spec.commandLine(), "IPVS has no file " + name + ", but " + ProcFile.names());
        }
        String target = "/v1/proc/" + file.fileName();
        DaemonQuery.print(socket.path(), target, spec.commandLine().getOut());
        return 0;
    }
}
