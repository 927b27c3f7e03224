package io.weir.control.heartbeat;

import io.weir.control.config.HeartbeatConfig;
import io.weir.control.event.Event;
import io.weir.control.event.EventSink;
import io.weir.control.failover.AddressHolder;
import io.weir.control.failover.Failover.Status;
import io.weir.control.failover.Role;
import io.weir.control.failover.RoleListener;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.netlink.LinkWatch;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** This router's part in one pair: the machine, its sockets, and what it has put on. One thread. */
final class HeartbeatPair implements HeartbeatActions {
    private static final Logger LOG = System.getLogger("weir");
    private static final String INSTANCE = "pair";
    private static final String MAINTENANCE = "maintenance";

    /** So that a flood does not keep the heartbeat from being sent. */
    private static final int RECEIVES_PER_TURN = 64;

    private final PairAddresses addresses;
    private final AddressHolder holder;
    private final RoleListener listener;
    private final EventSink events;
    private final List<HeartbeatPath> paths;
    private final HeartbeatMachine machine;
    private final RefusalLog refusals;
    private HeartbeatConfig config;
    private byte[] secret;
    private Seal seal;
    private boolean maintenance;
    private String linkTrouble = "";
    private @Nullable IpAddress heardFrom;
    private long heardNanos;
    private long answeredNanos;

    private HeartbeatPair(
            HeartbeatConfig config,
            byte[] secret,
            PairAddresses addresses,
            List<HeartbeatPath> paths,
            Surroundings around) {
        this.config = config;
        this.secret = secret;
        this.addresses = addresses;
        this.paths = paths;
        this.holder = around.holder();
        this.listener = around.listener();
        this.events = around.events();
        this.refusals = new RefusalLog(events, InstantSource.system());
        this.seal = seal(secret);
        long now = System.nanoTime();
        this.answeredNanos = now - config.keepalive().toNanos();
        this.machine =
                new HeartbeatMachine(HeartbeatTiming.of(config, addresses.primary()), this, now);
    }

    /** Whom a pair works for. */
    record Surroundings(AddressHolder holder, RoleListener listener, EventSink events) {}

    /**
     * Begins to take part, on standby.
     *
     * @throws IOException if a socket or the key is refused; nothing is left behind
     */
    static HeartbeatPair open(
            HeartbeatConfig config,
            byte[] secret,
            PairAddresses addresses,
            Selector selector,
            Surroundings around)
            throws IOException {
        List<HeartbeatPath> paths = new ArrayList<>();
        IpAddress partner = addresses.partner();
        IpAddress partnerPrivate = addresses.partnerPrivate();
        try {
            if (partner != null) {
                paths.add(HeartbeatPath.open(addresses.own(), partner, addresses.port(), selector));
            }
            if (partnerPrivate != null && addresses.hasSecondPath()) {
                paths.add(
                        HeartbeatPath.open(
                                addresses.ownPrivate(),
                                partnerPrivate,
                                addresses.port(),
                                selector));
            }
        } catch (IOException e) {
            paths.forEach(HeartbeatPath::close);
            throw e;
        }
        LOG.log(
                Level.INFO,
                "STARTING PULSE AS "
                        + (addresses.primary() ? "MASTER" : "BACKUP")
                        + (secret.length > 0 || partner == null
                                ? ""
                                : " (heartbeats are not authenticated)"));
        return new HeartbeatPair(config, secret, addresses, paths, around);
    }

    private Seal seal(byte[] key) {
        return key.length == 0
                ? Seal.OPEN
                : new HmacSeal(
                        new SealedMessage.Key(key),
                        addresses.primary(),
                        new SecureRandom()::nextLong);
    }

    PairAddresses addresses() {
        return addresses;
    }

    /** Takes another configuration of the same routers, and goes on. */
    void update(HeartbeatConfig newConfig, byte[] newSecret, LinkWatch links) {
        HeartbeatConfig before = config;
        config = newConfig;
        if (!Arrays.equals(secret, newSecret)) {
            secret = newSecret;
            seal = seal(newSecret);
        }
        machine.setTiming(HeartbeatTiming.of(newConfig, addresses.primary()), System.nanoTime());
        if (machine.role() == Role.ACTIVE && !before.addresses().equals(newConfig.addresses())) {
            holder.release(
                    before.addresses().stream()
                            .filter(address -> !newConfig.addresses().contains(address))
                            .toList());
            holder.hold(
                    newConfig.addresses().stream()
                            .filter(address -> !before.addresses().contains(address))
                            .toList(),
                    newConfig.announcements());
        }
        followLinks(links);
    }

    /** Reads what has arrived, looks at the links, and does what is due. */
    void turn(LinkWatch links) throws IOException {
        for (HeartbeatPath path : paths) {
            for (int i = 0; i < RECEIVES_PER_TURN; i++) {
                IpAddress from = path.receive();
                if (from == null) {
                    break;
                }
                take(from, path.datagram(), System.nanoTime());
            }
        }
        followLinks(links);
        machine.tick(System.nanoTime());
    }

    /** How long there is nothing to do unless something arrives. */
    long waitNanos() {
        return Math.max(0, machine.dueNanos() - System.nanoTime());
    }

    private void take(IpAddress from, byte[] datagram, long nowNanos) {
        if (!addresses.isPartner(from)) {
            refusals.refused(Refusal.UNKNOWN_SENDER, from, nowNanos);
            return;
        }
        Opened opened = seal.open(datagram);
        if (opened.greeting() && nowNanos - answeredNanos >= config.keepalive().toNanos() / 4) {
            answeredNanos = nowNanos;
            byte[] answer = seal.answer(machine.saysRunning());
            paths.forEach(path -> path.send(answer));
        }
        if (opened.refusal() != null) {
            // A greeting is how a partner's start looks; those that never end are told of.
            boolean usual = opened.greeting() && !machine.isPartnerHeard();
            if (!usual && opened.refusal() != Refusal.LATE) {
                refusals.refused(opened.refusal(), from, nowNanos);
            }
            return;
        }
        heardFrom = from;
        heardNanos = nowNanos;
        machine.heard(opened.running(), nowNanos);
    }

    private void followLinks(LinkWatch links) {
        linkTrouble =
                config.monitorLinks() && addresses.partner() != null
                        ? addresses.trouble(links.links(), links.addresses())
                        : "";
        long now = System.nanoTime();
        if (maintenance) {
            machine.block(MAINTENANCE, now);
        } else if (!linkTrouble.isEmpty()) {
            machine.block(linkTrouble, now);
        } else {
            machine.unblock("able to take over again", !machine.isPartnerHeard(), now);
        }
    }

    void setMaintenance(boolean on, LinkWatch links) {
        maintenance = on;
        followLinks(links);
    }

    boolean handOver() {
        return machine.handOver(System.nanoTime());
    }

    Status status() {
        IpAddress partner = heardFrom;
        List<String> details = new ArrayList<>();
        details.add("this is the " + (addresses.primary() ? "primary" : "backup"));
        if (machine.isPartnerHeard()) {
            details.add(
                    machine.isPartnerRunning() ? "the partner is active" : "the partner stands by");
        } else if (addresses.partner() != null) {
            details.add("the partner is silent");
        }
        if (maintenance) {
            details.add(MAINTENANCE);
        } else if (!linkTrouble.isEmpty()) {
            details.add(linkTrouble);
        }
        if (!refusals.toString().isEmpty()) {
            details.add(refusals.toString());
        }
        return new Status(
                INSTANCE,
                machine.role(),
                partner == null ? "" : partner.toString(),
                partner == null
                        ? -1
                        : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - heardNanos),
                String.join("; ", details));
    }

    /** Leaves, and gives the addresses up first: the partner takes them as soon as it hears. */
    void stop(String reason) {
        machine.stop(reason, System.nanoTime());
        close();
    }

    void close() {
        holder.release(config.addresses());
        paths.forEach(HeartbeatPath::close);
    }

    @Override
    public void send(boolean running) {
        byte[] heartbeat = seal.seal(running);
        paths.forEach(path -> path.send(heartbeat));
    }

    @Override
    public void become(Role role, String reason) {
        if (role == Role.ACTIVE) {
            holder.hold(config.addresses(), config.announcements());
        } else {
            holder.release(config.addresses());
        }
        listener.roleChanged(INSTANCE, role, reason);
    }

    @Override
    public void announce(String reason) {
        holder.announce(config.addresses(), config.announcements());
        publish(String.valueOf(addresses.partner()), "announced", reason);
    }

    @Override
    public void partnerChanged(boolean heard) {
        String who = String.valueOf(heard ? heardFrom : addresses.partner());
        publish(who, heard ? "heard" : "silent", "");
    }

    // Whoever reads the log may stop to, and must not hold the heartbeat up; events do not wait.
    private void publish(String partner, String state, String detail) {
        events.publish(
                new Event(
                        InstantSource.system().instant(),
                        Event.Kind.PARTNER,
                        List.of(partner),
                        state,
                        detail));
    }
}
