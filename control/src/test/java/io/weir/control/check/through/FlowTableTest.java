package io.weir.control.check.through;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.check.through.FlowTable.Flow;
import io.weir.control.check.through.FlowTable.Inside;
import io.weir.control.check.through.FlowTable.Outside;
import io.weir.dataplane.net.IpAddress;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

final class FlowTableTest {
    private static final IpAddress OWN = address("10.2.0.1");
    private static final Target FIRST = new Target(address("10.1.0.100"), address("10.2.0.11"));
    private static final Target SECOND = new Target(address("10.1.0.100"), address("10.2.0.12"));

    private final AliasBook aliases = new AliasBook();
    private final FlowTable flows = new FlowTable();

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private Inside inside(Target target, int port) {
        return new Inside(6, port, Objects.requireNonNull(aliases.alias(target)), 80);
    }

    private Flow leave(Target target, int port, long now) {
        return Objects.requireNonNull(flows.leaving(inside(target, port), target, OWN, now));
    }

    @Test
    void answersFindTheirSocketThoughServersShareTheAddress() {
        Flow first = leave(FIRST, 40_000, 0);
        Flow second = leave(SECOND, 40_000, 0);
        assertThat(first.outside()).isNotEqualTo(second.outside());
        assertThat(first.outside().virtual()).isEqualTo(FIRST.virtual());
        assertThat(flows.arriving(first.outside(), OWN, 1)).isEqualTo(first);
        assertThat(flows.arriving(second.outside(), OWN, 1)).isEqualTo(second);
        assertThat(leave(FIRST, 40_000, 2)).isEqualTo(first);
    }

    @Test
    void foreignPacketsFindNothing() {
        Outside known = leave(FIRST, 40_000, 0).outside();
        assertThat(flows.arriving(known, address("10.2.0.9"), 0)).isNull();
        assertThat(flows.arriving(new Outside(17, known.virtual(), 80, known.port()), OWN, 0))
                .isNull();
        assertThat(flows.arriving(new Outside(6, known.virtual(), 81, known.port()), OWN, 0))
                .isNull();
    }

    @Test
    void anotherAddressOfTheHostBeginsAnew() {
        Flow before = leave(FIRST, 40_000, 0);
        IpAddress moved = address("10.2.0.2");
        Flow after = Objects.requireNonNull(flows.leaving(inside(FIRST, 40_000), FIRST, moved, 1));
        assertThat(after.source()).isEqualTo(moved);
        assertThat(flows.arriving(before.outside(), OWN, 1)).isNull();
        assertThat(flows.size()).isOne();
    }

    @Test
    void portsAreUsedAgainOnlyAfterSilence() {
        for (int i = 0; i < FlowTable.PORTS; i++) {
            leave(FIRST, i + 1, 0);
        }
        assertThat(flows.leaving(inside(SECOND, 1), SECOND, OWN, 1)).isNull();
        Flow kept = leave(FIRST, 1, FlowTable.IDLE_NANOS);
        Flow made = leave(SECOND, 1, FlowTable.IDLE_NANOS + 1);
        assertThat(made.outside()).isNotEqualTo(kept.outside());
        assertThat(flows.size()).isEqualTo(FlowTable.PORTS);
    }

    @Test
    void theNumberIsLimited() {
        for (int i = 0; i < FlowTable.LIMIT + 10; i++) {
            Inside inside = new Inside(6, i % 60_000 + 1, OWN, 1 + i / 1000);
            assertThat(flows.leaving(inside, FIRST, OWN, i)).isNotNull();
        }
        assertThat(flows.size()).isEqualTo(FlowTable.LIMIT);
    }

    @Test
    void itAgreesWithASlowModel() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Map<Outside, Flow> model = new HashMap<>();
        long now = 0;
        for (int i = 0; i < 20_000; i++) {
            now += random.nextInt(1000);
            Target target = random.nextBoolean() ? FIRST : SECOND;
            Flow flow = leave(target, 1 + random.nextInt(1000), now);
            Flow before = model.put(flow.outside(), flow);
            assertThat(before == null || before.equals(flow)).as("seed %d", seed).isTrue();
            Flow any = model.values().iterator().next();
            assertThat(flows.arriving(any.outside(), OWN, now)).as("seed %d", seed).isEqualTo(any);
        }
    }

    @Test
    void aliasesAreLimitedAndLeadBack() {
        for (int i = 0; i < AliasBook.LIMIT; i++) {
            Target target = new Target(FIRST.virtual(), IpAddress.v4(i));
            IpAddress alias = Objects.requireNonNull(aliases.alias(target));
            assertThat(aliases.target(alias)).isEqualTo(target);
            assertThat(alias).isNotEqualTo(AliasBook.own(false));
        }
        assertThat(aliases.alias(new Target(FIRST.virtual(), OWN))).isNull();
        assertThat(aliases.alias(new Target(FIRST.virtual(), IpAddress.v4(0)))).isNotNull();
    }
}
