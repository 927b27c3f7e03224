package io.weir.dataplane.net.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.sys.Errno;
import io.weir.dataplane.sys.NetworkNamespace;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

class AddressTableTest {
    private static final IpAddress V4 = IpAddress.parse("192.0.2.10");
    private static final IpAddress V6 = IpAddress.parse("2001:db8::10");

    private NamespaceLab lab;
    private NetworkNamespace here;
    private AddressTable table;
    private LinkWatch watch;
    private int index;

    @BeforeEach
    void build() throws IOException {
        lab = new NamespaceLab();
        here = lab.namespace("here");
        lab.join(here, "h0", lab.namespace("there"), "t0");
        table = here.call(AddressTable::open);
        watch = here.call(LinkWatch::open);
        index = Objects.requireNonNull(watch.link("h0")).index();
    }

    @AfterEach
    void remove() {
        if (table != null) {
            table.close();
            watch.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    private String shown() {
        return NamespaceLab.run("ip", "-n", here.toString(), "addr", "show", "dev", "h0");
    }

    @Test
    void ipv4AddressIsAsIfconfigWouldPutIt() throws IOException {
        HostAddress address = new HostAddress(index, V4, 25, "h0:1");
        assertThat(table.add(address, 30)).isTrue();
        assertThat(shown())
                .contains("inet 192.0.2.10/25 brd 192.0.2.127 scope global dynamic h0:1");
        assertThat(table.add(address, 30)).as("a second time").isFalse();
        assertThat(table.marked()).containsExactly(address);
        assertThat(table.remove(address)).isTrue();
        assertThat(table.remove(address)).isFalse();
        assertThat(shown()).doesNotContain("192.0.2.10");
    }

    @Test
    void hostAddressAndLongLabelArePutOnToo() throws IOException {
        assertThat(table.add(new HostAddress(index, V4, 32, "a-label-that-is-too-long"), 30))
                .isTrue();
        assertThat(shown()).contains("inet 192.0.2.10/32 scope global dynamic h0");
    }

    @Test
    void ipv6AddressIsUsableAtOnceAndNobodysSource() throws IOException {
        HostAddress address = new HostAddress(index, V6, 64, null);
        assertThat(table.add(address, 30)).isTrue();
        assertThat(shown())
                .containsPattern("inet6 2001:db8::10/64 scope global nodad deprecated")
                .doesNotContain("tentative");
        assertThat(table.marked()).containsExactly(address);
        table.renew(address, 30);
        assertThat(table.marked()).containsExactly(address);
        assertThat(table.remove(address)).isTrue();
    }

    @Test
    void addressOfTheHostIsNotMarked() throws IOException {
        NamespaceLab.run("ip", "-n", here.toString(), "addr", "add", "192.0.2.10/24", "dev", "h0");
        assertThat(table.add(new HostAddress(index, V4, 24, "h0:1"), 30)).isFalse();
        assertThat(table.marked()).isEmpty();
        assertThat(shown()).contains("valid_lft forever");
    }

    @Test
    void kernelTakesItOffWhenTheLifetimeIsOver() throws Exception {
        HostAddress v4 = new HostAddress(index, V4, 24, "h0");
        HostAddress v6 = new HostAddress(index, V6, 64, null);
        table.add(v4, 1);
        table.add(v6, 1);
        for (int i = 0; i < 5; i++) {
            Thread.sleep(400);
            table.renew(v4, 1);
            table.renew(v6, 1);
            assertThat(table.marked()).containsExactly(v4, v6);
        }
        long start = System.nanoTime();
        while (!table.marked().isEmpty()
                && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
            Thread.sleep(10);
        }
        assertThat(table.marked()).isEmpty();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.MILLISECONDS.toNanos(3000));
    }

    @Test
    void missingInterfaceIsSaid() {
        assertThatThrownBy(() -> table.add(new HostAddress(9999, V4, 24, null), 30))
                .isInstanceOfSatisfying(
                        SystemCallException.class,
                        e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .hasMessageContaining("192.0.2.10/24");
    }

    @Test
    void watchFollowsLinksAndAddressesButNotRenewals() throws Exception {
        HostAddress address = new HostAddress(index, V4, 24, null);
        table.add(address, 30);
        assertThat(watch.refresh()).isTrue();
        assertThat(watch.addresses()).contains(new LinkAddress(V4, 24, index));
        table.renew(address, 30);
        assertThat(watch.refresh()).as("a renewal is no news").isFalse();
        NamespaceLab.run("ip", "-n", here.toString(), "link", "set", "h0", "down");
        assertThat(watch.refresh()).isTrue();
        assertThat(watch.links().stream().filter(l -> l.index() == index).map(Link::up))
                .containsExactly(false);
        assertThat(watch.refresh()).isFalse();
    }
}
