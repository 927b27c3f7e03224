package io.weir.control.cli;

import io.weir.control.lab.LabException;
import io.weir.control.lab.failover.FailoverLab;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.concurrent.Callable;

/** weir lab failover. */
@Command(
        name = "failover",
        description = {
            "Shows what clients notice of a pair of routers: builds private network namespaces with"
                    + " a client, two routers and three servers, and under a long download, short"
                    + " requests and datagrams kills the active router, brings it back, takes its"
                    + " link away, lets it hand over and stops it. Once with the heartbeat, once"
                    + " with VRRP.",
            "Needs root, changes nothing outside its namespaces, and removes them. Takes about two"
                    + " minutes."
        },
        mixinStandardHelpOptions = true)
final class LabFailoverCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws CommandFailure {
        if (!LabCommand.mayBuildNamespaces()) {
            throw new CommandFailure("the lab needs root for its network namespaces; use sudo");
        }
        try {
            return FailoverLab.run("weir-pair", 1, spec.commandLine().getOut()) ? 0 : 1;
        } catch (LabException e) {
            throw new CommandFailure("lab: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandFailure("lab: " + e, e);
        }
    }
}
