package io.weir.control.lvscf;

import io.weir.dataplane.net.IpAddress;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The interfaces of a host.
 *
 * @param devices their names
 * @param addresses the addresses they have
 */
public record HostInterfaces(Set<String> devices, Set<IpAddress> addresses) {
    public HostInterfaces {
        devices = Set.copyOf(devices);
        addresses = Set.copyOf(addresses);
    }

    /** Those of this host, or none if the kernel does not say. */
    public static HostInterfaces ofThisHost() {
        Set<IpAddress> addresses = new HashSet<>();
        Set<String> devices = new HashSet<>();
        try {
            List<NetworkInterface> interfaces = NetworkInterface.networkInterfaces().toList();
            for (NetworkInterface each : interfaces) {
                devices.add(each.getName());
                each.inetAddresses()
                        .map(InetAddress::getAddress)
                        .map(IpAddress::of)
                        .forEach(addresses::add);
            }
        } catch (SocketException e) {
            // Without interfaces it is neither router, which the operator gets told.
            return new HostInterfaces(Set.of(), Set.of());
        }
        return new HostInterfaces(devices, addresses);
    }
}
