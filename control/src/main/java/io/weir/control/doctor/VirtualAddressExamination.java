package io.weir.control.doctor;

import io.weir.control.failover.Role;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.net.Route;
import io.weir.dataplane.service.ServiceListing;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** Whether the host has the virtual addresses, so that somebody answers ARP for them. */
final class VirtualAddressExamination implements Examination {
    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        for (IpAddress address : virtualAddresses(patient)) {
            boolean held = holds(patient.network(), address);
            boolean active = patient.role() == Role.ACTIVE;
            if (active && !held) {
                findings.accept(
                        Finding.problem(
                                address.toString(),
                                "is on none of this host's interfaces, so nobody answers for it",
                                "give it a device in lvs.cf, or ip address add "
                                        + address
                                        + (address.ipv6() ? "/128" : "/32")
                                        + " dev INTERFACE"));
            } else if (!active && held) {
                findings.accept(
                        Finding.problem(
                                address.toString(),
                                "is on an interface although this router is not active: two hosts"
                                        + " answer for it",
                                "ip address del it here; addresses that weir moves must not be in"
                                        + " the host's own network configuration"));
            } else if (active) {
                findings.accept(Finding.fine(address.toString(), "is on this host"));
            }
        }
    }

    static Set<IpAddress> virtualAddresses(Patient patient) {
        Set<IpAddress> addresses = new TreeSet<>();
        for (ServiceListing service : patient.services()) {
            if (!service.id().isMark()) {
                addresses.add(service.id().address());
            }
        }
        return addresses;
    }

    private static boolean holds(NetworkSnapshot network, IpAddress address) {
        return network.addresses().stream().anyMatch(own -> own.address().equals(address))
                || network.routes().stream()
                        .anyMatch(
                                route ->
                                        route.kind() == Route.Kind.LOCAL
                                                && address.matches(
                                                        route.destination(), route.prefixLength()));
    }
}
