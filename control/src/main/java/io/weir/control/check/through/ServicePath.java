package io.weir.control.check.through;

import io.weir.control.check.through.FlowTable.Flow;
import io.weir.control.check.through.FlowTable.Inside;
import io.weir.control.check.through.FlowTable.Outside;
import io.weir.control.check.through.NextHops.NextHop;
import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.netlink.NetlinkMonitor;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.EventDescriptor;
import io.weir.dataplane.sys.PollSet;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.sys.TunDevice;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * The device, the packet sockets, and the thread that carries packets between them. Opened and
 * closed by any thread.
 */
final class ServicePath implements AutoCloseable {
    private static final Logger LOG = System.getLogger("weir.check");
    private static final String PURPOSE = "check through the service";
    private static final String DEVICE = "weir%d";

    /** Fits through every link that carries IPv6; RFC 8200 §5. */
    private static final int MTU_BYTES = 1280;

    // Packets that the kernel has put together can be as long.
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int PACKETS_PER_TURN = 64;
    private static final int WAITING_LIMIT = 1024;

    // As long as the kernel asks for a neighbour before it gives up.
    private static final long WAITING_NANOS = 3_000_000_000L;

    private final TunDevice device;
    private final PacketTap tap;
    private final PacketTap wideTap;
    private final EventDescriptor event;
    private final AliasBook aliases = new AliasBook();
    private final FlowTable flows = new FlowTable();
    private final TransportPacket packet = new TransportPacket();
    private final Map<Target, Waiting> waiting = new HashMap<>();
    private final NextHops hops;
    private final NetlinkMonitor network;
    private final boolean wide;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean broken;

    /** A packet whose neighbour is being asked for. */
    private static final class Waiting {
        private final byte[] bytes;
        private final long sinceNanos;

        private Waiting(byte[] bytes, long sinceNanos) {
            this.bytes = bytes;
            this.sinceNanos = sinceNanos;
        }
    }

    private ServicePath(
            TunDevice device, PacketTap tap, PacketTap wideTap, EventDescriptor event, boolean wide)
            throws SystemCallException {
        this.device = device;
        this.tap = tap;
        this.wideTap = wideTap;
        this.event = event;
        this.wide = wide;
        hops = new NextHops(event::signal);
        network = NetlinkMonitor.open(hops);
        thread = Thread.ofPlatform().daemon().name("weir-check-path").unstarted(this::run);
    }

    /**
     * Opens it in the calling thread's network namespace.
     *
     * @throws IOException without /dev/net/tun or the rights for it; the message is for the
     *     operator
     */
    static ServicePath open() throws IOException {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            TunDevice device = add(opened, TunDevice.open(DEVICE, PURPOSE));
            device.start(MTU_BYTES);
            device.addIpv4(AliasBook.own(false).v4(), AliasBook.PREFIX_BITS);
            boolean wide = addIpv6(device);
            ServicePath path =
                    new ServicePath(
                            device,
                            add(opened, PacketTap.open(false, PURPOSE)),
                            add(opened, PacketTap.open(true, PURPOSE)),
                            add(opened, new EventDescriptor(PURPOSE)),
                            wide);
            path.thread.start();
            return path;
        } catch (IOException | RuntimeException e) {
            for (AutoCloseable resource : opened) {
                closeQuietly(resource);
            }
            throw e;
        }
    }

    private static <T extends AutoCloseable> T add(List<AutoCloseable> opened, T resource) {
        opened.add(resource);
        return resource;
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "cannot close", e);
        }
    }

    // A host without IPv6 has none to check either.
    private static boolean addIpv6(TunDevice device) {
        try {
            device.addIpv6(AliasBook.own(true).toBytes(), AliasBook.WIDE_PREFIX_BITS);
            return true;
        } catch (SystemCallException e) {
            LOG.log(Level.DEBUG, "no IPv6 for checks through services", e);
            return false;
        }
    }

    /** Tells whether it has to be opened anew, because somebody has taken the device away. */
    boolean isBroken() {
        return broken;
    }

    /**
     * The address to which a check for a target goes.
     *
     * @throws IOException if there can be none; the message is for the operator
     */
    IpAddress alias(Target target) throws IOException {
        // Without the device, checks would leave by the default route and fail there.
        if (!hops.isUp(device.name())) {
            throw new IOException("the interface " + device.name() + " is down");
        }
        if (target.virtual().ipv6() && !wide) {
            throw new IOException("this host has no IPv6");
        }
        IpAddress alias = aliases.alias(target);
        if (alias == null) {
            throw new IOException("more than " + AliasBook.LIMIT + " servers");
        }
        return alias;
    }

    private void run() {
        try (PollSet set =
                        new PollSet(
                                device.number(),
                                tap.descriptor(),
                                wideTap.descriptor(),
                                event.number());
                NativeBlock buffer = new NativeBlock(BUFFER_BYTES)) {
            while (!closed && !broken) {
                int _ = set.await(-1);
                event.clear();
                if (!closed) {
                    turn(buffer.address());
                }
            }
        } finally {
            broken = true;
            network.close();
            device.close();
            tap.close();
            wideTap.close();
            event.close();
        }
    }

    private void turn(long buffer) {
        try {
            long now = System.nanoTime();
            sendWaiting(buffer, now);
            for (int i = 0; i < PACKETS_PER_TURN; i++) {
                int length = device.read(buffer, BUFFER_BYTES);
                if (length <= 0) {
                    broken |= length != -Errno.EAGAIN && length != -Errno.EINTR;
                    break;
                }
                leave(buffer, length, now);
            }
            arrive(tap, buffer, now);
            arrive(wideTap, buffer, now);
        } catch (IOException | RuntimeException e) {
            // The check that needs it will say that nobody answered.
            LOG.log(Level.DEBUG, "a packet of a check was lost", e);
        }
    }

    private void leave(long buffer, int length, long now) throws IOException {
        if (!packet.read(buffer, length)) {
            return;
        }
        Target target = aliases.target(packet.destination());
        if (target == null) {
            return;
        }
        NextHop hop = hops.find(target.server(), network);
        if (hop != null) {
            send(target, hop, buffer, now);
        } else if (waiting.size() < WAITING_LIMIT || waiting.containsKey(target)) {
            // The last packet goes when the neighbour has answered, as the host's own would.
            waiting.put(target, new Waiting(Memory.bytes(buffer, length), now));
        }
    }

    private void send(Target target, NextHop hop, long buffer, long now) {
        if (hop.source().equals(target.virtual())) {
            return;
        }
        Inside inside =
                new Inside(
                        packet.protocol(),
                        packet.sourcePort(),
                        packet.destination(),
                        packet.destinationPort());
        Flow flow = flows.leaving(inside, target, hop.source(), now);
        if (flow == null) {
            return;
        }
        packet.rewrite(flow.source(), flow.outside().port(), target.virtual(), inside.remotePort());
        (packet.ipv6() ? wideTap : tap).send(hop, buffer, packet.bytes());
    }

    private void sendWaiting(long buffer, long now) throws IOException {
        waiting.values().removeIf(each -> now - each.sinceNanos > WAITING_NANOS);
        for (Entry<Target, Waiting> entry : List.copyOf(waiting.entrySet())) {
            NextHop hop = hops.find(entry.getKey().server(), network);
            if (hop != null) {
                byte[] bytes = entry.getValue().bytes;
                waiting.remove(entry.getKey());
                Memory.copyIn(bytes, 0, buffer, bytes.length);
                if (packet.read(buffer, bytes.length)) {
                    send(entry.getKey(), hop, buffer, now);
                }
            }
        }
    }

    private void arrive(PacketTap from, long buffer, long now) {
        for (int i = 0; i < PACKETS_PER_TURN; i++) {
            int length = from.receive(buffer, BUFFER_BYTES);
            if (length <= 0) {
                return;
            }
            if (packet.read(buffer, length)) {
                Outside outside =
                        new Outside(
                                packet.protocol(),
                                packet.source(),
                                packet.sourcePort(),
                                packet.destinationPort());
                Flow flow = flows.arriving(outside, packet.destination(), now);
                if (flow != null) {
                    packet.rewrite(
                            flow.inside().alias(),
                            outside.remotePort(),
                            AliasBook.own(packet.ipv6()),
                            flow.inside().port());
                    int _ = device.write(buffer, packet.bytes());
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        event.signal();
    }
}
