package io.weir.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.Test;

import java.io.IOException;

class NetworkNamespaceTest {
    @Test
    void workSeesTheInterfacesOfItsNamespaceAndTheThreadComesBack() throws Exception {
        try (NamespaceLab lab = new NamespaceLab()) {
            NetworkNamespace one = lab.namespace("one");
            NetworkNamespace two = lab.namespace("two");
            lab.join(one, "inside0", two, "outside0");

            int inside = one.call(() -> Sockets.interfaceIndex("inside0", "test"));
            assertThat(inside).isPositive();
            assertThatThrownBy(() -> two.call(() -> Sockets.interfaceIndex("inside0", "test")))
                    .isInstanceOf(SystemCallException.class);
            assertThatThrownBy(() -> Sockets.interfaceIndex("inside0", "test"))
                    .isInstanceOf(SystemCallException.class);

            assertThatThrownBy(
                            () ->
                                    one.call(
                                            () -> {
                                                throw new IOException("from inside");
                                            }))
                    .hasMessage("from inside");
            assertThatThrownBy(() -> Sockets.interfaceIndex("inside0", "test"))
                    .isInstanceOf(SystemCallException.class);
        }
    }
}
