package io.weir.control.daemon;

import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.packet.PacketBurst;

import java.util.List;

/**
 * The ports of several workers on one interface, for those who look at the interface as a whole;
 * frames go through the single ports. Any thread.
 */
final class WorkerPorts implements PacketPort {
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
    public int receive(PacketBurst burst) {
        throw notHere();
    }

    @Override
    public boolean transmit(long address, int length, long vnetHeader) {
        throw notHere();
    }

    @Override
    public void flush() {
        throw notHere();
    }

    @Override
    public void release() {
        throw notHere();
    }

    private static UnsupportedOperationException notHere() {
        return new UnsupportedOperationException("each worker has a port of its own");
    }

    @Override
    public PortStatistics statistics() {
        PortStatistics sum = ports.getFirst().statistics();
        for (PacketPort port : ports.subList(1, ports.size())) {
            sum = sum.plus(port.statistics());
        }
        return sum;
    }

    @Override
    public void close() {
        ports.forEach(PacketPort::close);
    }
}
