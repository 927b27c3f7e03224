package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.EndpointSteering;
import io.weir.dataplane.io.EndpointSteering.Side;
import io.weir.dataplane.net.IpAddress;

/** An endpoint that a helper expects, as the test asks for it. */
record Expected(Side side, IpAddress address, int port) {
    private static final int TCP = 6;

    private long low() {
        return address.ipv6() ? address.low() : EndpointSteering.mappedLow(address.v4());
    }

    boolean take(KernelSteering steering) {
        return steering.expected().take(TCP, side, address.high(), low(), port);
    }

    void giveBack(KernelSteering steering) {
        steering.expected().giveBack(TCP, side, address.high(), low(), port);
    }
}
