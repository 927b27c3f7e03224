package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.weir.control.api.BalancerView;
import io.weir.dataplane.io.PortStatistics;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.NetworkSnapshot;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

class CapturedInterfacesTest {
    /** A port that has received ten frames. */
    private record Port(String name, int linkIndex) implements CapturedInterfaces.InterfacePort {
        @Override
        public PortStatistics statistics() {
            return new PortStatistics(10, 640, 0, 0, 0, 0, 0);
        }
    }

    /** Attaches everything but what it was told to refuse. */
    private static final class Attachment implements CapturedInterfaces.Attachment {
        private final Set<String> attached = new LinkedHashSet<>();
        private String refused = "";
        private int refusals;

        @Override
        public OpenedPort attach(Link link) throws IOException {
            if (link.name().equals(refused)) {
                refusals++;
                throw new IOException("no memory");
            }
            attached.add(link.index() + ":" + link.name());
            return new OpenedPort(new Port(link.name(), link.index()), "af_packet", "");
        }

        @Override
        public void detach(CapturedInterfaces.InterfacePort port) {
            assertThat(attached.remove(port.linkIndex() + ":" + port.name())).isTrue();
        }
    }

    private static final Logger QUIET = Logger.getLogger("weir");

    private final Attachment attachment = new Attachment();

    @BeforeAll
    static void silence() {
        QUIET.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        QUIET.setLevel(null);
    }

    private static Link ethernet(int index, String name) {
        return new Link(index, name, 2, 1500, true, true);
    }

    private static final Link LOOPBACK = new Link(1, "lo", 0, 65536, true, false);

    private static NetworkSnapshot network(Link... links) {
        return new NetworkSnapshot(Arrays.asList(links), List.of(), List.of());
    }

    private CapturedInterfaces all() throws IOException {
        CapturedInterfaces all = new CapturedInterfaces(Set.of(), attachment);
        all.start(network(LOOPBACK, ethernet(2, "eth0"), ethernet(3, "eth1")));
        return all;
    }

    @Test
    void withoutNamesEveryEthernetInterfaceIsCaptured() throws IOException {
        try (CapturedInterfaces all = all()) {
            assertThat(attachment.attached).containsExactly("2:eth0", "3:eth1");
            all.update(network(ethernet(2, "eth0"), ethernet(3, "eth1"), ethernet(4, "eth2")));
            assertThat(attachment.attached).containsExactly("2:eth0", "3:eth1", "4:eth2");
        }
        assertThat(attachment.attached).isEmpty();
    }

    @Test
    void anInterfaceThatReturnsIsCapturedAgainAndGoesOnCounting() throws IOException {
        try (CapturedInterfaces all = all()) {
            all.update(network(ethernet(2, "eth0")));
            assertThat(attachment.attached).containsExactly("2:eth0");
            assertThat(all.ports())
                    .extracting(BalancerView.Port::name, BalancerView.Port::attached)
                    .containsExactly(tuple("eth0", true), tuple("eth1", false));
            all.update(network(ethernet(2, "eth0"), ethernet(9, "eth1")));
            assertThat(attachment.attached).containsExactly("2:eth0", "9:eth1");
            assertThat(all.ports().getLast().statistics())
                    .isEqualTo(new PortStatistics(20, 1280, 0, 0, 0, 0, 0));
        }
    }

    @Test
    void anInterfaceReplacedByAnotherOfItsNameIsCapturedAnew() throws IOException {
        try (CapturedInterfaces all = all()) {
            all.update(network(ethernet(2, "eth0"), ethernet(7, "eth1")));
            assertThat(attachment.attached).containsExactly("2:eth0", "7:eth1");
        }
    }

    @Test
    void aRenamedInterfaceIsCapturedUnderItsNewName() throws IOException {
        try (CapturedInterfaces all = all()) {
            all.update(network(ethernet(2, "eth0"), ethernet(3, "wan")));
            assertThat(attachment.attached).containsExactly("2:eth0", "3:wan");
        }
    }

    @Test
    void namedInterfacesAloneAreCaptured() throws IOException {
        try (CapturedInterfaces one = new CapturedInterfaces(Set.of("eth1"), attachment)) {
            one.start(network(LOOPBACK, ethernet(2, "eth0"), ethernet(3, "eth1")));
            one.update(network(ethernet(2, "eth0")));
            one.update(network(ethernet(2, "eth0"), ethernet(5, "eth1"), ethernet(6, "eth2")));
            assertThat(attachment.attached).containsExactly("5:eth1");
        }
    }

    @Test
    void anUnknownNameIsRefusedBeforeAnythingIsCaptured() {
        CapturedInterfaces two = new CapturedInterfaces(Set.of("eth0", "eth9"), attachment);
        assertThatThrownBy(() -> two.start(network(LOOPBACK, ethernet(2, "eth0"))))
                .hasMessage(
                        "there is no interface eth9 in this network namespace; there are lo, eth0");
        assertThat(attachment.attached).isEmpty();
        CapturedInterfaces loopback = new CapturedInterfaces(Set.of("lo"), attachment);
        assertThatThrownBy(() -> loopback.start(network(LOOPBACK)))
                .hasMessage("interface lo is not an Ethernet interface");
    }

    @Test
    void atTheStartARefusalIsTheEnd() {
        attachment.refused = "eth1";
        assertThatThrownBy(this::all).hasMessage("no memory");
    }

    @Test
    void laterARefusedInterfaceIsTriedWithEachChange() throws IOException {
        try (CapturedInterfaces all = all()) {
            NetworkSnapshot more =
                    network(ethernet(2, "eth0"), ethernet(3, "eth1"), ethernet(4, "eth2"));
            attachment.refused = "eth2";
            all.update(more);
            all.update(more);
            assertThat(attachment.refusals).isEqualTo(2);
            attachment.refused = "";
            all.update(more);
            assertThat(attachment.attached).contains("4:eth2");
        }
    }

    @Test
    void interfacesThatWereNeverSeenAgainAreForgotten() throws IOException {
        try (CapturedInterfaces all = all()) {
            for (int i = 10; i < 500; i++) {
                all.update(network(ethernet(2, "eth0"), ethernet(i, "veth" + i)));
            }
            assertThat(all.ports()).hasSizeLessThan(80);
            assertThat(all.ports().getFirst().name()).isEqualTo("eth0");
            assertThat(attachment.attached).containsExactly("2:eth0", "499:veth499");
        }
    }
}
