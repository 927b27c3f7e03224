package io.weir.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SystemCallExceptionTest {
    @Test
    void saysInOneLineWhatFailedWhereAndWhatToDo() {
        SystemCallException e =
                new SystemCallException(
                        "open a packet port on eth0", "socket(AF_PACKET)", Errno.EPERM);
        assertThat(e)
                .hasMessage(
                        "cannot open a packet port on eth0: socket(AF_PACKET) failed with EPERM; "
                                + "run as root, or grant CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF");
        assertThat(e.errno()).isEqualTo(Errno.EPERM);
        assertThat(e.call()).isEqualTo("socket(AF_PACKET)");
    }

    @Test
    void givesNoAdviceWhereTheNumberSaysNothing() {
        assertThat(new SystemCallException("do it", "call", 71))
                .hasMessage("cannot do it: call failed with errno 71");
    }

    @Test
    void checkPassesResultsAndThrowsErrors() throws SystemCallException {
        assertThat(SystemCallException.check(7, "do it", "call")).isEqualTo(7);
        assertThatThrownBy(() -> SystemCallException.check(-Errno.EINVAL, "do it", "call"))
                .isInstanceOf(SystemCallException.class)
                .hasMessage("cannot do it: call failed with EINVAL");
    }
}
