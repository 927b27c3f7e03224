package io.weir.control.vrrp;

import io.weir.control.config.AnnouncementConfig;
import io.weir.control.config.Configuration;
import io.weir.control.config.FloatingAddress;
import io.weir.control.config.SyncGroupConfig;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Writes configurations of virtual routers in few words, each with what is usual but for that. */
final class Instances {
    private String name = "vr";
    private String device = "eth0";
    private int routerId = 51;
    private int version = 3;
    private int priority = 100;
    private Duration interval = Duration.ofSeconds(1);
    private boolean preempt = true;
    private Duration preemptDelay = Duration.ZERO;
    private boolean startsActive;
    private List<FloatingAddress> addresses = List.of();
    private List<FloatingAddress> unlisted = List.of();
    private @Nullable IpAddress source;
    private List<IpAddress> peers = List.of();
    private @Nullable String password;
    private boolean pseudoHeader;
    private List<String> tracked = List.of();
    private AnnouncementConfig announcements = AnnouncementConfig.DEFAULT;

    static Instances of(String name, int routerId, String... addresses) {
        Instances made = new Instances();
        made.name = name;
        made.routerId = routerId;
        return made.addresses(addresses);
    }

    /** A configuration of VRRP and nothing else. */
    static Configuration configuration(
            List<VrrpInstanceConfig> instances, List<SyncGroupConfig> groups) {
        Configuration empty = Configuration.EMPTY;
        return new Configuration(
                0,
                empty.timeouts(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                instances,
                groups,
                null,
                null,
                empty.scripts());
    }

    static IpAddress ip(String text) {
        return Objects.requireNonNull(IpAddress.parse(text), text);
    }

    Instances addresses(String... texts) {
        addresses = floating(texts);
        return this;
    }

    Instances unlisted(String... texts) {
        unlisted = floating(texts);
        return this;
    }

    private List<FloatingAddress> floating(String... texts) {
        List<FloatingAddress> all = new ArrayList<>();
        for (String text : texts) {
            IpAddress address = ip(text);
            all.add(new FloatingAddress(address, address.ipv6() ? 64 : 24, device, null));
        }
        return all;
    }

    Instances device(String changed) {
        device = changed;
        return this;
    }

    Instances version(int changed) {
        version = changed;
        return this;
    }

    Instances priority(int changed) {
        priority = changed;
        return this;
    }

    Instances millis(long changed) {
        interval = Duration.ofMillis(changed);
        return this;
    }

    Instances noPreempt() {
        preempt = false;
        return this;
    }

    Instances preemptDelay(Duration changed) {
        preemptDelay = changed;
        return this;
    }

    Instances startsActive() {
        startsActive = true;
        return this;
    }

    Instances source(String changed) {
        source = ip(changed);
        return this;
    }

    Instances peers(String... changed) {
        peers = List.of(changed).stream().map(Instances::ip).toList();
        return this;
    }

    Instances password(String changed) {
        password = changed;
        return this;
    }

    Instances pseudoHeader() {
        pseudoHeader = true;
        return this;
    }

    Instances tracked(String... changed) {
        tracked = List.of(changed);
        return this;
    }

    Instances announcements(AnnouncementConfig changed) {
        announcements = changed;
        return this;
    }

    VrrpInstanceConfig build() {
        return new VrrpInstanceConfig(
                name,
                device,
                routerId,
                version,
                addresses.stream().anyMatch(address -> address.address().ipv6()),
                priority,
                interval,
                preempt,
                preemptDelay,
                startsActive,
                addresses,
                unlisted,
                source,
                peers,
                password,
                pseudoHeader,
                tracked,
                announcements);
    }
}
