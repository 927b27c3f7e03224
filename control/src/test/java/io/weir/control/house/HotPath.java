package io.weir.control.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What must not appear where packets pass: it blocks, allocates or cannot be reproduced. */
final class HotPath {
    /** The packages through which every packet goes. */
    static final List<String> PACKAGES =
            List.of(
                    "io.weir.dataplane.checksum..",
                    "io.weir.dataplane.director..",
                    "io.weir.dataplane.egress..",
                    "io.weir.dataplane.flow..",
                    "io.weir.dataplane.fragment..",
                    "io.weir.dataplane.header..",
                    "io.weir.dataplane.host..",
                    "io.weir.dataplane.io.afpacket..",
                    "io.weir.dataplane.mark..",
                    "io.weir.dataplane.masquerade..",
                    "io.weir.dataplane.memory..",
                    "io.weir.dataplane.net",
                    "io.weir.dataplane.packet..",
                    "io.weir.dataplane.parse..",
                    "io.weir.dataplane.service..",
                    "io.weir.dataplane.spi..",
                    "io.weir.dataplane.worker..",
                    "io.weir.dr..",
                    "io.weir.nat..",
                    "io.weir.schedulers..");

    /**
     * Methods and whole classes in these packages that run when the operator or the network changes
     * something, not for packets.
     */
    static final Set<String> COLD =
            Set.of(
                    "io.weir.dataplane.director.OutwardServers.rebuild",
                    "io.weir.dataplane.director.ServerRegistry.<init>",
                    "io.weir.dataplane.director.ServerRegistry.create",
                    "io.weir.dataplane.director.ServerRegistry.drop",
                    "io.weir.dataplane.director.ServerRegistry.retire",
                    "io.weir.dataplane.director.ServiceTable.<init>",
                    "io.weir.dataplane.director.ServiceTable.add",
                    "io.weir.dataplane.director.ServiceTable.all",
                    "io.weir.dataplane.director.ServiceTable.get",
                    "io.weir.dataplane.director.ServiceTable.remove",
                    "io.weir.dataplane.director.SteeringSources",
                    "io.weir.dataplane.io.afpacket.AfPacketPort.close",
                    "io.weir.dataplane.io.afpacket.AfPacketPort.statistics",
                    "io.weir.dataplane.mark.MarkedTraffic",
                    "io.weir.dataplane.net.IpAddress",
                    "io.weir.dataplane.net.OwnAddresses.<init>",
                    "io.weir.dataplane.net.OwnAddresses.add",
                    "io.weir.dataplane.net.OwnAddresses.addBroadcasts",
                    "io.weir.dataplane.net.OwnAddresses.sorted",
                    "io.weir.dataplane.net.RoutingTable.of",
                    "io.weir.dataplane.packet.DropCounters.snapshot",
                    "io.weir.dataplane.service.ServerLoads",
                    "io.weir.dataplane.worker.DurationSums",
                    "io.weir.dataplane.worker.WorkerAdministration",
                    "io.weir.dataplane.worker.WorkerGroup",
                    "io.weir.dataplane.worker.WorkerSync");

    private static final Set<String> BLOCKING =
            Set.of(
                    "java.util.concurrent.CountDownLatch",
                    "java.util.concurrent.CyclicBarrier",
                    "java.util.concurrent.Exchanger",
                    "java.util.concurrent.Phaser",
                    "java.util.concurrent.Semaphore",
                    "java.util.concurrent.ArrayBlockingQueue",
                    "java.util.concurrent.LinkedBlockingQueue");

    private static final Set<String> HASH_COLLECTIONS =
            Set.of(
                    "java.util.HashMap",
                    "java.util.HashSet",
                    "java.util.LinkedHashMap",
                    "java.util.LinkedHashSet",
                    "java.util.Map",
                    "java.util.concurrent.ConcurrentHashMap");

    private static final Set<String> RANDOM_SOURCES =
            Set.of(
                    "java.security.SecureRandom",
                    "java.util.concurrent.ThreadLocalRandom",
                    "java.util.UUID");

    private static final Set<String> BOXES =
            Set.of(
                    "java.lang.Boolean",
                    "java.lang.Byte",
                    "java.lang.Character",
                    "java.lang.Double",
                    "java.lang.Float",
                    "java.lang.Integer",
                    "java.lang.Long",
                    "java.lang.Short");

    private HotPath() {}

    /** The rules, applied to the packages given; a new ban is one more line here. */
    static List<ArchRule> rules(List<String> hotPackages) {
        String[] hot = hotPackages.toArray(String[]::new);
        List<ArchRule> rules = new ArrayList<>();
        rules.add(banned(hot, "locks", owner(prefix("java.util.concurrent.locks."))));
        rules.add(banned(hot, "classes that block", owner(BLOCKING::contains)));
        rules.add(banned(hot, "sleeping or waiting", HotPath::waits));
        rules.add(banned(hot, "streams", owner(prefix("java.util.stream."))));
        rules.add(banned(hot, "hash collections", owner(HASH_COLLECTIONS::contains)));
        rules.add(banned(hot, "boxing", HotPath::boxes));
        rules.add(banned(hot, "string formatting", HotPath::formats));
        rules.add(banned(hot, "regular expressions", HotPath::matches));
        rules.add(banned(hot, "java.util.logging", owner(prefix("java.util.logging."))));
        rules.add(banned(hot, "System.Logger", owner(prefix("java.lang.System$Logger"))));
        rules.add(banned(hot, "printing", owner("java.io.PrintStream"::equals)));
        rules.add(banned(hot, "randomness nobody passed in", owner(RANDOM_SOURCES::contains)));
        rules.add(banned(hot, "time nobody passed in", HotPath::readsClock));
        rules.add(
                noMethods()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAnyPackage(hot)
                        .and(describe("are not cold", method -> !isCold(method)))
                        .should()
                        .haveModifier(JavaModifier.SYNCHRONIZED)
                        .allowEmptyShould(true));
        return rules;
    }

    /** The names under which {@link #COLD} can list a method. */
    static Stream<String> coldNames(JavaCodeUnit method) {
        String type = method.getOwner().getName();
        return Stream.of(type, type + "." + method.getName());
    }

    private static boolean isCold(JavaCodeUnit method) {
        return coldNames(method).anyMatch(COLD::contains);
    }

    private static ArchRule banned(String[] hot, String what, Predicate<JavaAccess<?>> use) {
        return noClasses()
                .that()
                .resideInAnyPackage(hot)
                .should()
                .accessTargetWhere(
                        describe(
                                "it is " + what,
                                access -> !isCold(access.getOrigin()) && use.test(access)))
                .allowEmptyShould(true);
    }

    private static Predicate<JavaAccess<?>> owner(Predicate<String> className) {
        return access -> className.test(owner(access));
    }

    private static Predicate<String> prefix(String prefix) {
        return name -> name.startsWith(prefix);
    }

    private static boolean boxes(JavaAccess<?> access) {
        return BOXES.contains(owner(access))
                && access.getName().equals("valueOf")
                && access.getTarget() instanceof CodeUnitAccessTarget target
                && target.getRawParameterTypes().getFirst().isPrimitive();
    }

    private static boolean formats(JavaAccess<?> access) {
        return owner(access).equals("java.lang.String")
                && (access.getName().equals("format") || access.getName().equals("formatted"));
    }

    private static boolean matches(JavaAccess<?> access) {
        return owner(access).startsWith("java.util.regex.")
                || (owner(access).equals("java.lang.String")
                        && Set.of("matches", "replaceAll", "replaceFirst", "split")
                                .contains(access.getName()));
    }

    private static boolean waits(JavaAccess<?> access) {
        return (owner(access).equals("java.lang.Thread")
                        && Set.of("join", "sleep").contains(access.getName()))
                || (access.getName().equals("wait") && owner(access).equals("java.lang.Object"));
    }

    // A class that ends in Clock is where the time comes from.
    private static boolean readsClock(JavaAccess<?> access) {
        return !access.getOriginOwner().getSimpleName().endsWith("Clock")
                && ((owner(access).equals("java.lang.System")
                                && Set.of("nanoTime", "currentTimeMillis")
                                        .contains(access.getName()))
                        || (owner(access).equals("java.time.Instant")
                                && access.getName().equals("now")));
    }

    private static String owner(JavaAccess<?> access) {
        return access.getTargetOwner().getName();
    }
}
