package io.weir.control.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What must not appear where packets pass: it blocks, allocates or cannot be reproduced. */
final class HotPath {
    /** The packages through which every packet goes. */
    static final List<String> PACKAGES =
            List.of(
                    "io.weir.dataplane.checksum..",
                    "io.weir.dataplane.flow..",
                    "io.weir.dataplane.header..",
                    "io.weir.dataplane.memory..",
                    "io.weir.dataplane.packet..",
                    "io.weir.dataplane.parse..",
                    "io.weir.dataplane.service..",
                    "io.weir.dataplane.spi..",
                    "io.weir.dataplane.worker..",
                    "io.weir.dr..",
                    "io.weir.nat..",
                    "io.weir.schedulers..");

    /** Methods in these packages that serve the operator, not packets; they may box and format. */
    static final Set<String> COLD_METHODS =
            Set.of("io.weir.dataplane.packet.DropCounters.snapshot");

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
        rules.add(noUse(hot, "locks", prefix("java.util.concurrent.locks.")));
        rules.add(noUse(hot, "classes that block", BLOCKING::contains));
        rules.add(noUse(hot, "streams", prefix("java.util.stream.")));
        rules.add(noUse(hot, "regular expressions", prefix("java.util.regex.")));
        rules.add(noUse(hot, "collections with boxed keys", HASH_COLLECTIONS::contains));
        rules.add(noUse(hot, "randomness nobody passed in", RANDOM_SOURCES::contains));
        rules.add(noUse(hot, "java.util.logging", prefix("java.util.logging.")));
        rules.add(noUse(hot, "System.Logger", prefix("java.lang.System$Logger")));
        rules.add(noUse(hot, "printing", "java.io.PrintStream"::equals));
        rules.add(noCall(hot, "box a primitive", HotPath::boxes));
        rules.add(noCall(hot, "format a string", HotPath::formats));
        rules.add(noCall(hot, "split or match a string", HotPath::matches));
        rules.add(noCall(hot, "sleep or wait", HotPath::waits));
        rules.add(noCall(hot, "read the system clock", HotPath::readsClock));
        rules.add(
                noMethods()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAnyPackage(hot)
                        .should()
                        .haveModifier(JavaModifier.SYNCHRONIZED)
                        .allowEmptyShould(true));
        return rules;
    }

    private static ArchRule noUse(String[] hot, String what, Predicate<String> className) {
        return noClasses()
                .that()
                .resideInAnyPackage(hot)
                .should()
                .dependOnClassesThat(
                        describe("are " + what, (JavaClass used) -> className.test(used.getName())))
                .allowEmptyShould(true);
    }

    private static ArchRule noCall(String[] hot, String what, Predicate<JavaCall<?>> call) {
        return noClasses()
                .that()
                .resideInAnyPackage(hot)
                .should()
                .callCodeUnitWhere(
                        describe(
                                "it would " + what,
                                made -> !isCold(made.getOrigin()) && call.test(made)))
                .allowEmptyShould(true);
    }

    static boolean isCold(JavaCodeUnit method) {
        return COLD_METHODS.contains(method.getOwner().getName() + "." + method.getName());
    }

    private static Predicate<String> prefix(String prefix) {
        return name -> name.startsWith(prefix);
    }

    private static boolean boxes(JavaCall<?> call) {
        return BOXES.contains(owner(call))
                && call.getName().equals("valueOf")
                && call.getTarget().getRawParameterTypes().getFirst().isPrimitive();
    }

    private static boolean formats(JavaCall<?> call) {
        return owner(call).equals("java.lang.String")
                && (call.getName().equals("format") || call.getName().equals("formatted"));
    }

    private static boolean matches(JavaCall<?> call) {
        return owner(call).equals("java.lang.String")
                && Set.of("matches", "replaceAll", "replaceFirst", "split")
                        .contains(call.getName());
    }

    private static boolean waits(JavaCall<?> call) {
        return (owner(call).equals("java.lang.Thread")
                        && Set.of("join", "sleep").contains(call.getName()))
                || (call.getName().equals("wait") && owner(call).equals("java.lang.Object"));
    }

    // A class that ends in Clock is where the time comes from.
    private static boolean readsClock(JavaCall<?> call) {
        return !call.getOriginOwner().getSimpleName().endsWith("Clock")
                && ((owner(call).equals("java.lang.System")
                                && Set.of("nanoTime", "currentTimeMillis").contains(call.getName()))
                        || (owner(call).equals("java.time.Instant")
                                && call.getName().equals("now")));
    }

    private static String owner(JavaCall<?> call) {
        return call.getTargetOwner().getName();
    }
}
