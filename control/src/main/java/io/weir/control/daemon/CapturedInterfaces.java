package io.weir.control.daemon;

import io.weir.control.api.BalancerView;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The interfaces that the balancer captures: those that were named, or every Ethernet interface of
 * the network namespace, as they come and go.
 *
 * <p>Any thread; the thread that watches the network does most of it.
 */
final class CapturedInterfaces implements AutoCloseable {
    // An interface of a container lives for minutes; those of last year are of no interest.
    private static final int GONE_LIMIT = 64;

    private static final Logger LOG = System.getLogger("weir");

    private final Set<String> named;
    private final Attachment attachment;
    private final Map<String, Captured> captured = new LinkedHashMap<>();

    /** How an interface gets to the balancer and away from it. */
    interface Attachment {
        /**
         * Opens a port and lets the balancer use it.
         *
         * @throws IOException if that is not possible; nothing is left behind
         */
        OpenedPort attach(Link link) throws IOException;

        /** Takes a port from the balancer and closes it. */
        void detach(InterfacePort port);
    }

    /** An interface as a whole, whoever moves its frames; any thread. */
    interface InterfacePort {
        /** The interface's name, as an operator knows it. */
        String name();

        /** The kernel's interface index. */
        int linkIndex();

        /** Counters since it was opened. */
        PortStatistics statistics();
    }

    /** An interface: its port while it is there, and what its ports of before have counted. */
    private static final class Captured {
        private @Nullable InterfacePort port;
        private String io = "";
        private String detail = "";
        private @Nullable PortStatistics before;
        private boolean reported;

        @Nullable PortStatistics statistics() {
            InterfacePort open = port;
            if (open == null) {
                return before;
            }
            PortStatistics now = open.statistics();
            return before == null ? now : before.plus(now);
        }
    }

    /**
     * Captures nothing yet.
     *
     * @param named the interfaces to capture; empty for every Ethernet interface
     */
    CapturedInterfaces(Set<String> named, Attachment attachment) {
        this.named = Set.copyOf(named);
        this.attachment = attachment;
    }

    /**
     * Attaches what is there at the start.
     *
     * @throws IOException if an interface that was named is not there or is not Ethernet, or one
     *     cannot be opened; the message is for the operator, and what was attached is to be closed
     */
    synchronized void start(NetworkSnapshot network) throws IOException {
        for (String name : named) {
            requireEthernet(name, network);
        }
        for (Link link : network.links()) {
            if (wanted(link)) {
                attach(link);
            }
        }
    }

    private static void requireEthernet(String name, NetworkSnapshot network) throws IOException {
        for (Link link : network.links()) {
            if (link.name().equals(name)) {
                if (!link.ethernet()) {
                    throw new IOException("interface " + name + " is not an Ethernet interface");
                }
                return;
            }
        }
        throw new IOException(
                "there is no interface "
                        + name
                        + " in this network namespace; there are "
                        + network.links().stream()
                                .map(Link::name)
                                .collect(Collectors.joining(", ")));
    }

    private boolean wanted(Link link) {
        return link.ethernet() && (named.isEmpty() || named.contains(link.name()));
    }

    private void attach(Link link) throws IOException {
        OpenedPort opened = attachment.attach(link);
        Captured interfaceState = captured.computeIfAbsent(link.name(), name -> new Captured());
        interfaceState.port = opened.port();
        interfaceState.io = opened.io();
        interfaceState.detail = opened.detail();
        interfaceState.reported = false;
    }

    /** Follows a change: lets go what has gone, and attaches what has come. */
    synchronized void update(NetworkSnapshot network) {
        captured.forEach((name, state) -> detachIfGone(name, state, network));
        forgetOldest();
        for (Link link : network.links()) {
            Captured state = captured.get(link.name());
            if (wanted(link) && (state == null || state.port == null)) {
                attachLater(link, state);
            }
        }
    }

    private void detachIfGone(String name, Captured state, NetworkSnapshot network) {
        InterfacePort port = state.port;
        if (port == null
                || network.links().stream()
                        .anyMatch(
                                link ->
                                        link.index() == port.linkIndex()
                                                && link.name().equals(name))) {
            return;
        }
        state.before = state.statistics();
        state.port = null;
        attachment.detach(port);
        LOG.log(Level.WARNING, "interface " + name + " is gone; waiting for it to return");
    }

    private void forgetOldest() {
        long gone = captured.values().stream().filter(state -> state.port == null).count();
        Iterator<Captured> states = captured.values().iterator();
        while (gone > GONE_LIMIT && states.hasNext()) {
            if (states.next().port == null) {
                states.remove();
                gone--;
            }
        }
    }

    private void attachLater(Link link, @Nullable Captured before) {
        try {
            attach(link);
            LOG.log(Level.INFO, "capturing interface " + link.name());
        } catch (IOException e) {
            Captured state = before;
            if (state == null) {
                state = new Captured();
                captured.put(link.name(), state);
            }
            if (!state.reported) {
                state.reported = true;
                LOG.log(Level.WARNING, "interface " + link.name() + ": " + e.getMessage());
            }
        }
    }

    /** The interfaces in the order they were first seen. */
    synchronized List<BalancerView.Port> ports() {
        List<BalancerView.Port> ports = new ArrayList<>();
        captured.forEach(
                (name, state) ->
                        ports.add(
                                new BalancerView.Port(
                                        name,
                                        state.io,
                                        state.detail,
                                        state.port != null,
                                        state.statistics())));
        return ports;
    }

    /** The ports that are open. */
    synchronized List<InterfacePort> openPorts() {
        List<InterfacePort> open = new ArrayList<>();
        for (Captured state : captured.values()) {
            InterfacePort port = state.port;
            if (port != null) {
                open.add(port);
            }
        }
        return open;
    }

    @Override
    public synchronized void close() {
        for (InterfacePort port : openPorts()) {
            attachment.detach(port);
        }
        captured.clear();
    }
}
