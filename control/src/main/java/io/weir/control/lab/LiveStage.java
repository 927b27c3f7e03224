package io.weir.control.lab;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** The stage of network namespaces, with a daemon in a process of its own. */
final class LiveStage implements Stage {
    private final LabNetwork network;
    private final List<NamedServer> servers = new ArrayList<>();
    private @Nullable DaemonProcess daemon;

    /**
     * Builds the network.
     *
     * @throws LabException if this machine does not let us; one line for the user
     */
    LiveStage() throws LabException {
        network = new LabNetwork("weir-lab", "front", SERVERS);
    }

    @Override
    public void open(PrintWriter out) throws IOException {
        for (int i = 0; i < SERVERS; i++) {
            String name = LabNetwork.serverName(i);
            servers.add(NamedServer.start(network.server(i), name, PORT));
        }
        describe(out);
        DaemonProcess started = DaemonProcess.start(network.balancer(), List.of());
        daemon = started;
        out.println("  " + started.readyLine());
        out.println(
                "  Look around meanwhile: ip netns exec " + network.balancer() + " ipvsadm -Ln");
        out.flush();
    }

    private void describe(PrintWriter out) {
        out.println("Private network namespaces, veth pairs, the kernel's TCP on both sides:");
        String line = "  %-10s %-36s %s%n";
        out.printf(line, "client", LabNetwork.CLIENT, network.client());
        String addresses =
                String.join(
                        ", ",
                        LabNetwork.BALANCER_FRONT,
                        "VIP " + LabNetwork.VIRTUAL,
                        LabNetwork.BALANCER_BACK);
        out.printf(line, "balancer", addresses, network.balancer());
        for (int i = 0; i < SERVERS; i++) {
            String name = LabNetwork.serverName(i);
            out.printf(line, name, LabNetwork.serverAddress(i), network.server(i));
        }
        out.flush();
    }

    @Override
    public void prepare(boolean directRouting) throws IOException {
        if (directRouting) {
            network.serveDirectly();
        } else {
            network.serveByNat();
        }
    }

    @Override
    public String ipvsadm(List<String> arguments) throws IOException {
        DaemonProcess running = daemon;
        if (running == null) {
            throw new LabException("no daemon runs yet");
        }
        return running.ipvsadm(arguments, "");
    }

    @Override
    public Answer request() throws IOException {
        return network.client().call(() -> HttpExchange.ask(LabNetwork.VIRTUAL, PORT));
    }

    @Override
    public void close() {
        DaemonProcess running = daemon;
        if (running != null) {
            running.close();
        }
        servers.forEach(NamedServer::close);
        network.close();
    }
}
