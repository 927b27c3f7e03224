package io.weir.control.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;

import java.util.List;
import java.util.stream.Stream;

/** Who may depend on whom. Packages are written as ArchUnit does: {@code ..} is "and below". */
final class Dependencies {
    private static final String DATAPLANE = "io.weir.dataplane..";

    private Dependencies() {}

    /** The rules of this project. */
    static List<ArchRule> rules() {
        return List.of(
                only("io.weir.schedulers..", DATAPLANE),
                only("io.weir.nat..", DATAPLANE),
                only("io.weir.dr..", DATAPLANE),
                only(DATAPLANE, "org.jctools..", "org.HdrHistogram..", "org.pcap4j.."),
                confined("org.pcap4j..", "io.weir.dataplane.io.pcap4j.."),
                // The thin client starts on a class path without libraries.
                only("io.weir.control.client.."),
                // Calls into the kernel are made in one place, native memory is owned in few.
                confined("java.lang.foreign.Linker", "io.weir.dataplane.sys.."),
                confined("java.lang.foreign.SymbolLookup", "io.weir.dataplane.sys.."),
                confined("java.lang.foreign.FunctionDescriptor", "io.weir.dataplane.sys.."),
                confined(
                        "java.lang.foreign..",
                        "io.weir.dataplane.memory..",
                        "io.weir.dataplane.sys..",
                        "io.weir.dataplane.io.."),
                confined("sun.misc.."));
    }

    /** Classes of a package depend on that package, the JDK, JSpecify and what is listed. */
    static ArchRule only(String user, String... allowed) {
        String[] targets =
                Stream.concat(
                                Stream.of(user, "java..", "javax..", "jdk..", "org.jspecify.."),
                                Stream.of(allowed))
                        .toArray(String[]::new);
        return classes()
                .that(resideInAnyPackage(user))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(targets))
                .allowEmptyShould(true);
    }

    /**
     * A class, or a package if the name ends in two dots, is used by classes of the listed packages
     * alone; by none if the list is empty.
     */
    static ArchRule confined(String used, String... users) {
        var others = noClasses().that(resideOutsideOfPackages(users)).should();
        ArchRule rule =
                used.endsWith("..")
                        ? others.dependOnClassesThat().resideInAPackage(used)
                        : others.dependOnClassesThat().haveFullyQualifiedName(used);
        return rule.allowEmptyShould(true);
    }
}
