package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.sys.Sockets;

import java.util.Set;

/** A process that steers one TCP endpoint, given by interface, address and port, until killed. */
final class SteeringHolder {
    private SteeringHolder() {}

    public static void main(String[] arguments) throws Exception {
        KernelSteering steering = KernelSteering.open();
        steering.attach(Sockets.interfaceIndex(arguments[0], "test"), arguments[0]);
        Endpoint endpoint =
                new Endpoint(6, IpAddress.parse(arguments[1]), Integer.parseInt(arguments[2]));
        steering.update(new SteeringRules(Set.of(endpoint), Set.of()));
        System.out.println("steering");
        Thread.sleep(60_000); // Longer than the test; its end is a kill.
        steering.close();
    }
}
