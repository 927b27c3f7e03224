package io.weir.control.daemon;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;

import java.util.List;

/** The ports of all workers on one interface, by which frames go. Any thread. */
final class WorkerPorts implements CapturedInterfaces.InterfacePort {
    private final List<PacketPort> ports;

    /** Joins the ports, of which there is at least one. */
    WorkerPorts(List<? extends PacketPort> ports) {
        this.ports = List.copyOf(ports);
    }

    /** The ports by the workers' numbers. */
    List<PacketPort> ports() {
        return ports;
    }

    @Override
    public String name() {
        return ports.getFirst().name();
    }

    @Override
    public int linkIndex() {
        return ports.getFirst().linkIndex();
    }

    @Override
    public PortStatistics statistics() {
        PortStatistics sum = ports.getFirst().statistics();
        for (PacketPort port : ports.subList(1, ports.size())) {
            sum = sum.plus(port.statistics());
        }
        return sum;
    }

    /** Closes the ports. Queued frames may be lost. */
    void close() {
        ports.forEach(PacketPort::close);
    }
}
