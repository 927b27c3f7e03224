package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Every key has a row, and every row comes out as it says. */
class DirectivesTest {
    static Stream<DirectiveRow> rows() {
        return Stream.of(
                        GlobalRows.all(),
                        GlobalRows.push(),
                        GlobalRows.ignored(),
                        ServiceRows.virtual(),
                        ServiceRows.server(),
                        ServiceRows.failover(),
                        ServiceRows.eitherOf(BlockKind.VIRTUAL),
                        ServiceRows.eitherOf(BlockKind.SERVER),
                        CheckRows.all(),
                        VrrpRows.all())
                .flatMap(java.util.List::stream);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void meansWhatTheTableSays(DirectiveRow row) throws LvsCfException {
        var view = row.view();
        if (view == null) {
            assertThatThrownBy(() -> Reads.read(row.text()))
                    .isInstanceOf(LvsCfException.class)
                    .hasMessageStartingWith("lvs.cf" + row.expected());
        } else {
            assertThat(view.apply(Reads.read(row.text()))).isEqualTo(row.expected());
        }
    }

    @Test
    void everyKeyHasARow() {
        for (BlockKind kind : BlockKind.values()) {
            Set<String> known = new TreeSet<>(Directives.keys(kind));
            rows().filter(row -> row.kind() == kind).map(DirectiveRow::key).forEach(known::remove);
            if (kind == BlockKind.FAILOVER) {
                known.removeAll(Directives.keys(BlockKind.VIRTUAL));
            }
            assertThat(known).as(kind.place()).isEmpty();
        }
    }

    @Test
    void keysWithoutEffectAreNoted() throws LvsCfException {
        for (DirectiveRow row : GlobalRows.ignored()) {
            assertThat(Reads.inspect(row.text()).notes())
                    .anyMatch(
                            note -> note.startsWith("lvs.cf:1: " + row.key() + " has no effect: "));
        }
    }
}
