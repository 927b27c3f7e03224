package io.weir.control.lab.failover;

import io.weir.control.lab.LabException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Plays a pair's bad days, one after the other, under traffic that never stops, and shows what the
 * client noticed of each. One thread.
 */
public final class FailoverLab {
    /** A new connection of TCP that met silence tries again after 1, 3 and 7 s (RFC 6298). */
    private static final long AFTER_DEATH_MILLIS = 5_000;

    private static final long AFTER_MILLIS = 2_500;

    /**
     * How long after its beginning a short connection is known to the partner, on a quiet machine:
     * the report leaves right behind the packet that ended the handshake.
     */
    private static final long TOLD_MILLIS = 5;

    /** They are one after the other, so that one alone is on its way when the role moves. */
    private static final int MOST_UNTOLD = 1;

    private static final long WAIT_MILLIS = 60_000;

    private static final int HAND_OVER_ATTEMPTS = 3;
    private static final long LOOK_MILLIS = 20;

    /** Connections of the last moments before a death are known to the partner, too. */
    private static final long STEADY_MILLIS = 2_500;

    /** A clean hand-over may cost a datagram or two on a busy machine, no more. */
    private static final long CLEAN_MILLIS = 100;

    /** A link's loss is heard from the kernel at once; both protocols then need no timer. */
    private static final long LINK_MILLIS = 500;

    private final PrintWriter out;
    private final List<String> summary = new ArrayList<>();
    private final List<PacedServer> servers = new ArrayList<>();
    private final List<LabRouter> routers = new ArrayList<>();
    private final PairNetwork network;
    private final Protocol protocol;
    private final long start = System.nanoTime();
    private final int slowness;
    private long noiseMillis;
    private boolean passed = true;

    private FailoverLab(PairNetwork network, Protocol protocol, int slowness, PrintWriter out) {
        this.network = network;
        this.protocol = protocol;
        this.slowness = slowness;
        this.out = out;
    }

    /**
     * Runs the lab with both protocols; needs root.
     *
     * @param kind the beginning of the namespaces' names
     * @param slowness how many times the promised silence is allowed, on a machine that has other
     *     work: 1 to see whether the promises hold
     * @return whether everything was as it should be
     * @throws LabException if the lab cannot be built here
     */
    public static boolean run(String kind, int slowness, PrintWriter out) throws IOException {
        return run(List.of(Protocol.values()), kind, slowness, out);
    }

    /** The half of it that takes less time: VRRP alone. */
    public static boolean runVrrp(String kind, int slowness, PrintWriter out) throws IOException {
        return run(List.of(Protocol.VRRP), kind, slowness, out);
    }

    private static boolean run(List<Protocol> protocols, String kind, int slowness, PrintWriter out)
            throws IOException {
        boolean all = true;
        List<String> lines = new ArrayList<>();
        for (Protocol protocol : protocols) {
            try (PairNetwork network = new PairNetwork(kind)) {
                FailoverLab lab = new FailoverLab(network, protocol, slowness, out);
                all &= lab.play();
                lines.add(protocol.title());
                lines.addAll(lab.summary);
            }
        }
        out.println();
        out.println("Summary");
        lines.forEach(line -> out.println("  " + line));
        out.println("weir lab failover: " + (all ? "passed" : "FAILED"));
        return all;
    }

    private boolean play() throws IOException {
        out.println();
        out.println("Two routers, " + protocol.title());
        Path directory = Files.createTempDirectory("weir-lab");
        try {
            for (int i = 0; i < PairNetwork.SERVERS; i++) {
                String name = PairNetwork.serverName(i);
                servers.add(PacedServer.start(network.server(i), name));
            }
            for (int i = 0; i < 2; i++) {
                String name = PairNetwork.routerName(i);
                Path file = directory.resolve(name + ".cf");
                Files.writeString(file, protocol.configuration());
                routers.add(new LabRouter(name, network.router(i), file));
            }
            say("the first router starts");
            routers.get(0).start();
            awaitActive(0);
            routers.get(1).start();
            awaitServers();
            say("the second router stands by");
            pause(STEADY_MILLIS);
            try (Traffic traffic = Traffic.start(network.client())) {
                acts(traffic);
            }
        } finally {
            routers.forEach(LabRouter::close);
            servers.forEach(PacedServer::close);
            remove(directory);
        }
        return passed;
    }

    private static void remove(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private void acts(Traffic traffic) throws IOException {
        pause(STEADY_MILLIS);
        traffic.begin();
        pause(AFTER_MILLIS);
        noiseMillis = traffic.seen().silenceMillis();
        say("all is well: up to " + noiseMillis + " ms without an answer, which is this machine");
        kill(traffic);
        act(traffic, "it comes back", CLEAN_MILLIS, this::comeBack);
        act(traffic, "the active router loses its link", LINK_MILLIS, () -> setLink(false));
        act(traffic, "its link comes back", CLEAN_MILLIS, () -> setLink(true));
        act(traffic, "the active router hands over", CLEAN_MILLIS, this::handOver);
        act(traffic, "the active router is stopped", CLEAN_MILLIS, this::stop);
    }

    private void kill(Traffic traffic) throws IOException {
        String title = "the active router is killed (kill -9)";
        say(title);
        traffic.begin();
        int active = active();
        traffic.requests().roleMoves(toldMillis());
        routers.get(active).kill();
        traffic.requests().roleMoved();
        awaitActive(1 - active);
        pause(AFTER_MILLIS);
        boolean _ = traffic.requests().abandonYoung();
        pause(AFTER_DEATH_MILLIS - AFTER_MILLIS);
        judge(title, protocol.killMillis(), MOST_UNTOLD, traffic.seen());
    }

    private long toldMillis() {
        return TOLD_MILLIS * slowness + noiseMillis;
    }

    /** What is done to the routers. */
    @FunctionalInterface
    private interface Deed {
        /** Does it; returns the router that has to be active afterwards, null for whichever. */
        @Nullable LabRouter run() throws IOException;
    }

    private void act(Traffic traffic, String title, long mostMillis, Deed deed) throws IOException {
        say(title);
        traffic.begin();
        traffic.requests().roleMoves(toldMillis());
        LabRouter active = deed.run();
        if (active != null) {
            awaitActive(routers.indexOf(active));
        }
        traffic.requests().roleMoved();
        pause(AFTER_MILLIS);
        if (traffic.requests().abandonYoung()) {
            pause(AFTER_MILLIS);
        }
        judge(title, mostMillis, active == null ? 0 : MOST_UNTOLD, traffic.seen());
    }

    private void judge(String title, long mostMillis, int mostUntold, Traffic.Seen seen) {
        long allowed = mostMillis * slowness + noiseMillis;
        boolean right =
                seen.silenceMillis() <= allowed
                        && seen.broken().isEmpty()
                        && seen.requestsLost() == 0
                        && seen.requestsUntold() <= mostUntold;
        passed &= right;
        String line =
                "%-40s silence %5d ms of %d; download stood still %d ms; %d requests, %d lost"
                        .formatted(
                                title,
                                seen.silenceMillis(),
                                allowed,
                                seen.downloadMillis(),
                                seen.requestsAnswered() + seen.requestsLost(),
                                seen.requestsLost());
        if (!seen.broken().isEmpty()) {
            line += "; the download broke: " + seen.broken();
        }
        if (seen.requestsLost() > 0) {
            line += " (" + seen.lastLoss() + ")";
        }
        if (seen.requestsUntold() > 0) {
            line += "; " + seen.requestsUntold() + " too young to be known to the partner";
        }
        line += right ? ": right" : ": WRONG";
        summary.add("  " + line);
        say(line);
    }

    private @Nullable LabRouter comeBack() throws IOException {
        for (LabRouter router : routers) {
            if (!router.running()) {
                router.start();
            }
        }
        awaitServers();
        return null;
    }

    private @Nullable LabRouter setLink(boolean up) throws IOException {
        int active = active();
        int other = 1 - active;
        // The router without a link is the one that is not active any more when it comes back.
        network.setFrontLink(up ? other : active, up);
        return up ? null : routers.get(other);
    }

    private LabRouter handOver() throws IOException {
        for (int attempt = 1; ; attempt++) {
            int active = active();
            try {
                routers.get(active).weir("failover");
                return routers.get(1 - active);
            } catch (LabException e) {
                // On a busy machine the role may have gone by itself before the command was there.
                if (attempt == HAND_OVER_ATTEMPTS) {
                    throw e;
                }
                pause(AFTER_MILLIS);
            }
        }
    }

    private LabRouter stop() throws IOException {
        int active = active();
        routers.get(active).stop();
        return routers.get(1 - active);
    }

    // The one that runs and has the address: a killed one may have it for a moment longer.
    private int active() throws IOException {
        for (int i = 0; i < 2; i++) {
            if (routers.get(i).running() && network.hasVirtual(i)) {
                return i;
            }
        }
        throw new LabException("no router has the virtual address " + PairNetwork.VIRTUAL);
    }

    private void awaitActive(int router) throws IOException {
        long deadline = System.nanoTime() + WAIT_MILLIS * 1_000_000;
        while (!network.hasVirtual(router)) {
            if (System.nanoTime() > deadline) {
                throw new LabException(
                        "the "
                                + PairNetwork.routerName(router)
                                + " router does not become active: "
                                + String.join(" | ", routers.get(router).output()));
            }
            pause(LOOK_MILLIS);
        }
        say("the " + PairNetwork.routerName(router) + " router is active");
    }

    // A router without the servers, whose checks a busy machine may hold up, would refuse what it
    // is to take over.
    private void awaitServers() throws LabException {
        long deadline = System.nanoTime() + WAIT_MILLIS * 1_000_000;
        for (LabRouter router : routers) {
            while (router.servers() < Protocol.SERVICES * PairNetwork.SERVERS) {
                if (System.nanoTime() > deadline) {
                    throw new LabException(
                            "the checks of the "
                                    + router.name()
                                    + " router do not pass: "
                                    + String.join(" | ", router.output()));
                }
                pause(10 * LOOK_MILLIS);
            }
        }
    }

    private void say(String line) {
        out.printf("  %7.2f s  %s%n", (System.nanoTime() - start) / 1e9, line);
        out.flush();
    }

    private static void pause(long millis) throws LabException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
