package io.weir.control.cli;

import io.weir.control.lab.Lab;
import io.weir.control.lab.LabException;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;

/** weir lab. */
@Command(
        name = "lab",
        description = {
            "Shows that weir works here: builds private network namespaces with a client, a"
                    + " balancer and three web servers, balances by NAT and by direct routing, and"
                    + " compares the answers with what the scheduler promises.",
            "Needs root, changes nothing outside its namespaces, and removes them."
        },
        subcommands = LabFailoverCommand.class,
        mixinStandardHelpOptions = true)
final class LabCommand implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--in-memory",
            description = "Simulate the hosts and their network; needs neither root nor Linux.")
    private boolean inMemory;

    @Override
    public Integer call() throws CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        if (!inMemory && !mayBuildNamespaces()) {
            throw new CommandFailure(
                    "the lab needs root for its network namespaces; use sudo, or 'weir lab"
                            + " --in-memory', which plays the same without any");
        }
        try {
            return (inMemory ? Lab.inMemory(out) : Lab.live(out)) ? 0 : 1;
        } catch (LabException e) {
            String other = inMemory ? "" : "; 'weir lab --in-memory' needs nothing of this machine";
            throw new CommandFailure("lab: " + e.getMessage() + other, e);
        } catch (IOException e) {
            throw new CommandFailure("lab: " + e, e);
        }
    }

    /** Whether this user may make network namespaces. */
    static boolean mayBuildNamespaces() {
        return "root".equals(System.getProperty("user.name"));
    }
}
