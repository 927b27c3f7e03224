package io.weir.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.memory.Memory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.util.concurrent.TimeUnit;

@EnabledOnOs(OS.LINUX)
class DescriptorsTest {
    @Test
    void pollTellsWhichDescriptorIsReadable() throws SystemCallException {
        try (EventDescriptor one = new EventDescriptor("test");
                EventDescriptor two = new EventDescriptor("test");
                PollSet set = new PollSet(one.number(), two.number())) {
            assertThat(set.await(0)).isZero();

            two.signal();
            assertThat(set.await(TimeUnit.SECONDS.toNanos(5))).isEqualTo(1);
            assertThat(set.isReadable(0)).isFalse();
            assertThat(set.isReadable(1)).isTrue();
            assertThat(set.isFailed(1)).isFalse();

            two.clear();
            assertThat(set.await(0)).isZero();
        }
    }

    @Test
    void pollWaitsAsLongAsItWasTold() throws SystemCallException {
        try (EventDescriptor event = new EventDescriptor("test");
                PollSet set = new PollSet(event.number())) {
            long start = System.nanoTime();
            assertThat(set.await(20_000_000)).isZero();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
        }
    }

    @Test
    void signalAndCloseAfterCloseDoNothing() throws SystemCallException {
        EventDescriptor event = new EventDescriptor("test");
        event.close();
        event.close();
        event.signal();
        assertThat(event.number()).isNotNegative();
    }

    @Test
    void anonymousMappingIsZeroedAndWritable() throws SystemCallException {
        try (Mapping mapping = Mapping.anonymous(1 << 20, "test")) {
            long last = mapping.address() + mapping.bytes() - Long.BYTES;
            assertThat(Memory.u64(last)).isZero();
            Memory.putU64(last, 42);
            assertThat(Memory.u64(last)).isEqualTo(42);
        }
    }

    @Test
    void unknownInterfaceIsNamed() {
        assertThatThrownBy(() -> Sockets.interfaceIndex("nosuch0", "open a port on nosuch0"))
                .isInstanceOf(SystemCallException.class)
                .hasMessage(
                        "cannot open a port on nosuch0: if_nametoindex(nosuch0) failed with ENODEV;"
                                + " check the interface's name with: ip link");
    }

    @Test
    void unknownNamespaceIsNamed() {
        assertThatThrownBy(() -> NetworkNamespace.named("nosuch").call(() -> 0))
                .isInstanceOf(SystemCallException.class)
                .hasMessageContaining("cannot enter network namespace nosuch")
                .hasMessageContaining("ENOENT");
    }
}
