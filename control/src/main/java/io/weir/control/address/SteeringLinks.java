package io.weir.control.address;

import io.weir.dataplane.io.steering.KernelSteering;
import io.weir.dataplane.sys.SystemCallException;

/** What keeps the host from seeing the balancer's packets, as descriptors of this process. */
@FunctionalInterface
public interface SteeringLinks {
    /** Without a balancer. */
    SteeringLinks NONE = new None();

    /** Does something with the descriptors, which stay open and the same meanwhile. */
    <T> T with(KernelSteering.LinkUse<T> use) throws SystemCallException;

    /** No descriptors. */
    final class None implements SteeringLinks {
        private None() {}

        @Override
        public <T> T with(KernelSteering.LinkUse<T> use) throws SystemCallException {
            return use.apply(new int[0]);
        }
    }
}
