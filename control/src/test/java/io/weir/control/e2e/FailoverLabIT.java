package io.weir.control.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.lab.LabException;
import io.weir.control.lab.failover.FailoverLab;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * weir lab failover on this machine, which may be busy with other things. The heartbeat has {@link
 * KilledRouterIT} and tests of its own.
 */
@Isolated
final class FailoverLabIT {
    private static final int SLOWNESS = 20;

    @Test
    void losesNoConnection() throws Exception {
        Site.assumeNamespaces();
        StringWriter shown = new StringWriter();
        boolean passed;
        try {
            passed = FailoverLab.runVrrp(Site.KIND, SLOWNESS, new PrintWriter(shown, true));
        } catch (LabException e) {
            throw new AssertionError(shown.toString(), e);
        }
        assertThat(passed).as(shown.toString()).isTrue();
        assertThat(shown.toString()).contains("weir lab failover: passed");
    }
}
