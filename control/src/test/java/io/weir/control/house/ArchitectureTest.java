package io.weir.control.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import io.weir.control.house.violation.Violations;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;

/**
 * The direction of dependencies and the purity of the hot packages, checked on compiled classes.
 */
final class ArchitectureTest {
    private static final JavaClasses PROGRAM =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .importPackages("io.weir");

    private static final String VIOLATIONS = Violations.class.getPackageName();

    private static final JavaClasses VIOLATING = new ClassFileImporter().importPackages(VIOLATIONS);

    static List<ArchRule> dependencyRules() {
        return Dependencies.rules();
    }

    static List<ArchRule> hotPathRules() {
        return HotPath.rules(HotPath.PACKAGES);
    }

    static List<ArchRule> hotPathRulesOnViolations() {
        return HotPath.rules(List.of(VIOLATIONS));
    }

    @ParameterizedTest
    @MethodSource("dependencyRules")
    void dependenciesPointTheRightWay(ArchRule rule) {
        rule.check(PROGRAM);
    }

    @ParameterizedTest
    @MethodSource("hotPathRules")
    void hotPackagesArePure(ArchRule rule) {
        rule.check(PROGRAM);
    }

    @ParameterizedTest
    @MethodSource("hotPathRulesOnViolations")
    void everyHotPathRuleCanFail(ArchRule rule) {
        assertThat(rule.evaluate(VIOLATING).hasViolation()).isTrue();
    }

    @Test
    void everyKindOfDependencyRuleCanFail() {
        assertThat(Dependencies.only("io.weir.control.cli..").evaluate(PROGRAM).hasViolation())
                .isTrue();
        assertThat(
                        Dependencies.confined("java.util.concurrent..")
                                .evaluate(VIOLATING)
                                .hasViolation())
                .isTrue();
        assertThat(
                        Dependencies.confined("java.util.HashMap", "io.weir.dataplane..")
                                .evaluate(VIOLATING)
                                .hasViolation())
                .isTrue();
        assertThat(
                        Dependencies.confined("java.util.HashMap", VIOLATIONS)
                                .evaluate(VIOLATING)
                                .hasViolation())
                .isFalse();
    }

    @Test
    void everythingColdExists() {
        assertThat(
                        PROGRAM.stream()
                                .flatMap(type -> type.getCodeUnits().stream())
                                .flatMap(HotPath::coldNames))
                .containsAll(HotPath.COLD);
    }

    @Test
    void allModulesAreSeen() {
        assertThat(PROGRAM.stream().map(type -> type.getPackageName()))
                .contains(
                        "io.weir.dataplane",
                        "io.weir.schedulers",
                        "io.weir.nat",
                        "io.weir.dr",
                        "io.weir.control");
    }
}
