package io.weir.control.house;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What can only be seen in the sources: lengths, names, comments and package documentation. */
final class SourceRulesTest {
    @Test
    void mainSourcesKeepTheRules() throws IOException {
        assertThat(violations(RepositoryRoot.javaFiles("main"), true)).isEmpty();
    }

    @Test
    void testSourcesKeepTheRules() throws IOException {
        assertThat(violations(RepositoryRoot.javaFiles("test"), false)).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        List<String> violations = new ArrayList<>();
        for (Path directory :
                RepositoryRoot.javaFiles("main").stream()
                        .map(Path::getParent)
                        .distinct()
                        .toList()) {
            Path info = directory.resolve("package-info.java");
            if (!Files.exists(info)) {
                violations.add(directory + " has no package-info.java");
            } else if (!documents(Files.readString(info))) {
                violations.add(info + " must have a Javadoc comment and @NullMarked");
            }
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void lengthsAreNoticed() {
        String method = "void m() {" + "\n".repeat(SourceRules.METHOD_LINES) + "}";
        assertThat(check("class A { " + method + " }"))
                .singleElement()
                .asString()
                .startsWith("A.java:1: m() has 61 lines");
        assertThat(check("class A {" + "\n".repeat(SourceRules.CLASS_LINES) + "}"))
                .singleElement()
                .asString()
                .startsWith("A.java:1: A has 401 lines");
    }

    @Test
    void namesAndCommentsAreNoticed() {
        assertThat(check("class PacketUtils {}")).hasSize(1);
        assertThat(check("class A { static class ThreadManager {} }")).hasSize(1);
        assertThat(check("// TO" + "DO later\nclass A {}")).hasSize(1);
        assertThat(check("/** @auth" + "or me */\nclass A {}")).hasSize(1);
        assertThat(check("// " + "-".repeat(20) + "\nclass A {}")).hasSize(1);
    }

    @Test
    void monitorsAreNoticedInHotPackages() {
        String body = "class A { void m() { synchronized (this) { } } }";
        assertThat(check("package io.weir.nat; " + body)).hasSize(1);
        assertThat(check("package io.weir.control; " + body)).isEmpty();
    }

    @Test
    void anOrdinaryClassPasses() {
        assertThat(check("package io.weir.nat;\n/** Doc. */\nclass A {\n void m() {}\n}\n"))
                .isEmpty();
    }

    private static List<String> check(String source) {
        return SourceRules.check(Map.of("A.java", source), true);
    }

    private static List<String> violations(List<Path> files, boolean lengths) throws IOException {
        Path root = RepositoryRoot.find();
        Map<String, String> sources = new TreeMap<>();
        for (Path file : files) {
            sources.put(root.relativize(file).toString(), Files.readString(file));
        }
        return SourceRules.check(sources, lengths);
    }

    private static boolean documents(String packageInfo) {
        return Stream.of("/**", "@NullMarked").allMatch(packageInfo::contains);
    }
}
