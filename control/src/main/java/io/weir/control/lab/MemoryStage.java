package io.weir.control.lab;

import io.weir.control.Balancer;
import io.weir.control.ipvsadm.Ipvsadm;
import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.io.memory.MemoryLink;
import io.weir.dataplane.net.IpAddress;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The stage in memory: a balancer of this process between two in-memory links, a simulated client
 * and simulated servers. Everything runs on the calling thread, frame by frame.
 */
final class MemoryStage implements Stage {
    private static final long CLIENT_MAC = 0x0200_0000_0001L;
    private static final long FRONT_MAC = 0x0200_0000_0010L;
    private static final long BACK_MAC = 0x0200_0000_0020L;
    private static final long FIRST_SERVER_MAC = 0x0200_0000_0031L;

    // A request takes about ten; more means that a frame was lost.
    private static final int MOST_TURNS = 100;

    private final Balancer balancer = Balancer.builder().connections(4096).build();
    private final MemoryLink front =
            balancer.attachMemory("front", FRONT_MAC, "10.1.0.1/24", LabNetwork.VIRTUAL + "/32");
    private final MemoryLink back = balancer.attachMemory("back", BACK_MAC, "10.2.0.1/24");
    private final Ipvsadm ipvsadm = new Ipvsadm(balancer.administration(), Names.NONE);
    private final SimulatedClient client =
            new SimulatedClient(
                    CLIENT_MAC, number(LabNetwork.CLIENT), number(LabNetwork.VIRTUAL), PORT);
    private final List<SimulatedServer> servers = new ArrayList<>();
    private boolean directRouting;

    MemoryStage() {
        for (int i = 0; i < SERVERS; i++) {
            servers.add(
                    new SimulatedServer(
                            LabNetwork.serverName(i),
                            FIRST_SERVER_MAC + i,
                            number(LabNetwork.serverAddress(i))));
        }
    }

    private static int number(String address) {
        IpAddress parsed = IpAddress.parse(address);
        if (parsed == null) {
            throw new IllegalArgumentException(address);
        }
        return parsed.v4();
    }

    @Override
    public void open(PrintWriter out) {
        out.println("In memory: simulated hosts, the balancer of this process between two links:");
        out.println("  client     " + LabNetwork.CLIENT);
        out.println("  balancer   VIP " + LabNetwork.VIRTUAL);
        for (int i = 0; i < SERVERS; i++) {
            out.println("  " + LabNetwork.serverName(i) + "   " + LabNetwork.serverAddress(i));
        }
    }

    @Override
    public void prepare(boolean direct) {
        directRouting = direct;
    }

    @Override
    public String ipvsadm(List<String> arguments) throws IOException {
        Ipvsadm.Outcome outcome = ipvsadm.run(arguments);
        if (outcome.exitCode() != 0) {
            throw new LabException("ipvsadm failed: " + outcome.errors().strip());
        }
        return outcome.output();
    }

    @Override
    public Answer request() throws IOException {
        front.inject(client.begin());
        for (int i = 0; i < MOST_TURNS && !client.isDone(); i++) {
            balancer.runOnce();
            deliver();
        }
        return HttpExchange.parse(client.end());
    }

    private void deliver() {
        for (byte[] frame = front.poll(); frame != null; frame = front.poll()) {
            toClient(frame);
        }
        for (byte[] frame = back.poll(); frame != null; frame = back.poll()) {
            for (SimulatedServer server : servers) {
                byte[] reply = server.receive(frame);
                if (reply != null) {
                    route(reply);
                }
            }
        }
    }

    // By direct routing a server's replies go their own way; ARP stays on its link.
    private void route(byte[] reply) {
        TcpFrame segment = TcpFrame.decode(reply);
        if (directRouting && segment != null) {
            // The client answers through the balancer, whoever brought it the packet.
            toClient(segment.between(FRONT_MAC, CLIENT_MAC).encode());
        } else {
            back.inject(reply);
        }
    }

    private void toClient(byte[] frame) {
        for (byte[] reply : client.receive(frame)) {
            front.inject(reply);
        }
    }

    @Override
    public void close() {
        balancer.close();
    }
}
