package io.weir.control.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** weir lab --in-memory. */
final class MemoryLabTest {
    @Test
    void passes() throws IOException {
        StringWriter shown = new StringWriter();
        boolean passed = Lab.inMemory(new PrintWriter(shown));
        assertThat(passed).as(shown.toString()).isTrue();
        assertThat(shown.toString())
                .contains("NAT, weighted round robin")
                .contains("server-1 10/10, server-2 20/20, server-3 30/30: right")
                .contains("server-1 20/20, server-2 20/20, server-3 20/20: right")
                .contains("weir lab: passed");
    }

    @Test
    void failsIfTheBalancerDoesOtherwise() throws IOException {
        StringWriter shown = new StringWriter();
        try (MemoryStage stage = new MemoryStage()) {
            boolean passed = new Lab(new Disobedient(stage), new PrintWriter(shown)).run();
            assertThat(passed).isFalse();
        }
        assertThat(shown.toString())
                .contains("server-1 20/10, server-2 20/20, server-3 20/30: WRONG")
                .contains("server-1 20/20, server-2 20/20, server-3 20/20: right")
                .contains("weir lab: FAILED");
    }

    @Test
    void failsIfNobodyAnswers() throws IOException {
        StringWriter shown = new StringWriter();
        try (MemoryStage stage = new MemoryStage()) {
            Deaf deaf = new Deaf(stage);
            assertThat(new Lab(deaf, new PrintWriter(shown)).run()).isFalse();
        }
        assertThat(shown.toString()).contains("no answer (").contains("0 of 60 requests answered");
    }

    /** A balancer that ignores weights. */
    private record Disobedient(Stage stage) implements StageInFront {
        @Override
        public String ipvsadm(List<String> arguments) throws IOException {
            return stage.ipvsadm(
                    arguments.stream().map(word -> word.equals("wrr") ? "rr" : word).toList());
        }
    }

    /** A balancer that does not hear of its real servers. */
    private record Deaf(Stage stage) implements StageInFront {
        @Override
        public String ipvsadm(List<String> arguments) throws IOException {
            return arguments.contains("-a") ? "" : stage.ipvsadm(arguments);
        }
    }

    private interface StageInFront extends Stage {
        Stage stage();

        @Override
        default void open(PrintWriter out) throws IOException {
            stage().open(out);
        }

        @Override
        default void prepare(boolean directRouting) throws IOException {
            stage().prepare(directRouting);
        }

        @Override
        default Answer request() throws IOException {
            return stage().request();
        }

        @Override
        default void close() {}
    }
}
