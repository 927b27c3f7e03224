package io.weir.control.daemon;

import io.weir.dataplane.flow.ClientSpread;
import io.weir.dataplane.header.Ethernet;
import io.weir.dataplane.io.PacketPort;
import io.weir.dataplane.io.afpacket.AfPacketPort;
import io.weir.dataplane.io.afpacket.RingSize;
import io.weir.dataplane.io.afpacket.SharedPorts;
import io.weir.dataplane.io.afxdp.AfXdpPort;
import io.weir.dataplane.io.afxdp.FrameMemory;
import io.weir.dataplane.io.afxdp.XdpMode;
import io.weir.dataplane.io.steering.KernelSteering;
import io.weir.dataplane.io.steering.SocketMap;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.Ethtool;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/**
 * Opens the workers' ports, by the way that the operator chose or that suits each interface. One
 * thread at a time; closed after the worker has ended.
 */
final class PortOpener implements AutoCloseable {
    /**
     * Drivers of virtual machines and containers: at the other end is another kernel, which sends
     * super-frames that only packet sockets pass on whole.
     */
    private static final Set<String> NO_WIRE =
            Set.of("veth", "tun", "bridge", "virtio_net", "vif", "bonding", "team", "macvlan");

    private final IoChoice choice;
    private final KernelSteering kernel;
    private final int workers;
    private final ClientSpread spread;
    private final List<AfXdpPort> driverPorts = new CopyOnWriteArrayList<>();
    private @Nullable FrameMemory frames;

    /**
     * The ports on an interface.
     *
     * @param ports one for each worker, by its number
     * @param io how they move frames: af_packet, af_xdp
     * @param detail in which mode, or why in no other way; empty if there is nothing to say
     */
    record Opened(List<? extends PacketPort> ports, String io, String detail) {}

    /**
     * Opens nothing yet.
     *
     * @param spread says which worker has a client
     */
    PortOpener(IoChoice choice, KernelSteering kernel, int workers, ClientSpread spread) {
        this.choice = choice;
        this.kernel = kernel;
        this.workers = workers;
        this.spread = spread;
    }

    /**
     * Opens ports on an interface of the calling thread's network namespace.
     *
     * @throws IOException if that is possible in no way; the message is for the operator
     */
    Opened open(Link link) throws IOException {
        List<AfPacketPort> packetPorts = openPacketPorts(link);
        try {
            String obstacle = choice == IoChoice.AUTO ? obstacle(link) : null;
            if (choice == IoChoice.AFPACKET || obstacle != null) {
                return new Opened(packetPorts, "af_packet", obstacle == null ? "" : obstacle);
            }
            return openXdp(packetPorts, link);
        } catch (IOException | RuntimeException e) {
            packetPorts.forEach(AfPacketPort::close);
            throw e;
        }
    }

    private List<AfPacketPort> openPacketPorts(Link link) throws IOException {
        return workers > 1
                ? openShared(link)
                : List.of(
                        AfPacketPort.open(
                                link.name(), kernel.socketFilter(0), RingSize.forMtu(link.mtu())));
    }

    private List<AfPacketPort> openShared(Link link) throws IOException {
        try (Descriptor closed = KernelSteering.loadClosedFilter();
                Descriptor own = kernel.loadWorkerChoice(spread)) {
            List<Integer> filters =
                    IntStream.range(0, workers).mapToObj(kernel::socketFilter).toList();
            SharedPorts.Programs programs =
                    new SharedPorts.Programs(filters, closed.number(), own.number());
            return SharedPorts.open(link.name(), workers, programs, RingSize.forMtu(link.mtu()));
        }
    }

    /** Why AF_XDP does not suit an interface; null if it may. */
    private static @Nullable String obstacle(Link link) throws IOException {
        Ethtool.Driver driver = Ethtool.driver(link.name(), "look at interface " + link.name());
        if (driver.bus().isEmpty() || NO_WIRE.contains(driver.name())) {
            return (driver.name().isEmpty() ? "a virtual device" : driver.name())
                    + " may carry super-frames, which AF_XDP cannot";
        }
        return link.mtu() > AfXdpPort.LARGEST_MTU
                ? "AF_XDP cannot carry packets of " + link.mtu() + " bytes, the MTU"
                : null;
    }

    private Opened openXdp(List<AfPacketPort> packetPorts, Link link) throws IOException {
        // What is longer has been joined of segments, which only the packet socket tells of.
        int longest = Ethernet.HEADER_BYTES + Math.min(link.mtu(), AfXdpPort.LARGEST_MTU);
        Ethtool.Queues queues = Ethtool.queues(link.name(), "use AF_XDP on " + link.name());
        IOException refusal = null;
        for (XdpMode mode : modes()) {
            try {
                List<AfXdpPort> ports =
                        AfXdpPort.open(
                                packetPorts,
                                mode,
                                queues,
                                frames(),
                                (sockets, parts) ->
                                        kernel.loadDriverProgram(
                                                new SocketMap(sockets, spread),
                                                link.mac(),
                                                longest,
                                                parts));
                return opened(ports);
            } catch (IOException e) {
                if (refusal == null) {
                    refusal = e;
                }
            }
        }
        return new Opened(
                packetPorts,
                "af_packet",
                String.valueOf(refusal == null ? null : refusal.getMessage()));
    }

    private Opened opened(List<AfXdpPort> ports) throws IOException {
        for (AfXdpPort port : ports) {
            boolean _ = port.askDriver();
            driverPorts.add(port);
        }
        AfXdpPort first = ports.getFirst();
        int queues = first.queues();
        String shared =
                workers == 1
                        ? ""
                        : "; "
                                + workers
                                + " workers share "
                                + queues
                                + (queues == 1 ? " queue" : " queues");
        return new Opened(ports, "af_xdp", first.mode() + shared);
    }

    /** Asks all drivers again what they can do; any thread. */
    void askDrivers() throws IOException {
        List<AfXdpPort> closed = new ArrayList<>();
        for (AfXdpPort port : driverPorts) {
            if (!port.askDriver()) {
                closed.add(port);
            }
        }
        driverPorts.removeAll(closed);
    }

    private List<XdpMode> modes() {
        return switch (choice) {
            case AFXDP -> List.of(XdpMode.NATIVE, XdpMode.GENERIC);
            case AFXDP_SKB -> List.of(XdpMode.GENERIC);
            // Behind the driver nothing is won that would outweigh what AF_XDP cannot carry.
            case AUTO, AFPACKET -> List.of(XdpMode.NATIVE);
        };
    }

    private FrameMemory frames() {
        FrameMemory memory = frames;
        if (memory == null) {
            memory = new FrameMemory(workers, FrameMemory.DEFAULT_FRAMES, System::nanoTime);
            frames = memory;
        }
        return memory;
    }

    @Override
    public void close() {
        FrameMemory memory = frames;
        frames = null;
        if (memory != null) {
            memory.close();
        }
    }
}
