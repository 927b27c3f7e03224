package io.weir.control.daemon;

import io.weir.control.Balancer;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.afpacket.PollWaiter;
import io.weir.dataplane.io.steering.KernelSteering;
import io.weir.dataplane.net.Link;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** How ports of the kernel get to the balancer; called with the interfaces' lock held. */
final class KernelAttachment implements CapturedInterfaces.Attachment {
    private static final Logger LOG = System.getLogger("weir");

    private final KernelSteering kernel;
    private final Balancer balancer;
    private final PortOpener opener;
    private final List<SwitchableWaiter> waiters;
    private final List<WorkerPorts> open = new ArrayList<>();

    /**
     * Makes it without ports.
     *
     * @param opener opens the ports
     * @param waiters what each worker sleeps on
     */
    KernelAttachment(
            KernelSteering kernel,
            Balancer balancer,
            PortOpener opener,
            List<SwitchableWaiter> waiters) {
        this.kernel = kernel;
        this.balancer = balancer;
        this.opener = opener;
        this.waiters = waiters;
    }

    @Override
    public OpenedPort attach(Link link) throws IOException {
        PortOpener.Opened opened = opener.open(link);
        WorkerPorts ports = new WorkerPorts(opened.ports());
        try {
            open.add(ports);
            replaceWaiters();
            balancer.attach(ports.ports(), link);
            kernel.attach(ports.linkIndex(), link.name());
            return new OpenedPort(ports, opened.io(), opened.detail());
        } catch (IOException | RuntimeException e) {
            detach(ports);
            throw e;
        }
    }

    private void replaceWaiters() throws IOException {
        for (int i = 0; i < waiters.size(); i++) {
            int worker = i;
            List<PacketPort> its = open.stream().map(ports -> ports.ports().get(worker)).toList();
            waiters.get(i).replace(new PollWaiter(its));
        }
    }

    @Override
    public void detach(CapturedInterfaces.InterfacePort port) {
        kernel.detach(port.linkIndex());
        for (WorkerPorts ports : List.copyOf(open)) {
            if (ports.equals(port)) {
                open.remove(ports);
                leave(ports);
                ports.close();
            }
        }
    }

    private void leave(WorkerPorts ports) {
        try {
            replaceWaiters();
        } catch (IOException e) {
            LOG.log(Level.ERROR, e.getMessage());
        }
        // When this returns, the workers have left the waiters of before, too.
        balancer.detach(ports.ports());
    }
}
