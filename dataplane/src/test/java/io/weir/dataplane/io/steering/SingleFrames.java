package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.NamespaceLab;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The programs in the kernel, run on single frames (BPF_PROG_TEST_RUN) with every test's own rules;
 * no frame is sent.
 */
abstract class SingleFrames {
    static final int TAKEN = 2; // TCX_DROP
    static final int LEFT = -1; // TCX_NEXT

    /** The loopback's address, whose receiver the test run pretends to be. */
    static final String HERE = "00:00:00:00:00:00";

    static final String PEER = "02:00:00:00:00:01";

    KernelSteering steering;
    private BothPrograms programs;

    @BeforeEach
    final void open() throws SystemCallException {
        NamespaceLab.assumeRoot();
        steering = KernelSteering.open();
        programs = new BothPrograms(steering);
    }

    @AfterEach
    final void close() {
        if (steering != null) {
            programs.close();
            steering.close();
        }
    }

    static Endpoint endpoint(int protocol, String address, int port) {
        return new Endpoint(protocol, IpAddress.parse(address), port);
    }

    static Prefix host(String address) {
        return Prefix.host(IpAddress.parse(address));
    }

    final int run(byte[] frame) throws SystemCallException {
        return programs.run(frame);
    }

    final int run(FrameBuilder frame) throws SystemCallException {
        return run(frame.macs(PEER, HERE).bytes());
    }
}
