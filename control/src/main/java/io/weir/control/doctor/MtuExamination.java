package io.weir.control.doctor;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;
import io.weir.dataplane.net.NetworkSnapshot;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/** Whether what clients send fits on the way to the real servers. */
final class MtuExamination implements Examination {
    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        NetworkSnapshot network = patient.network();
        int widest =
                network.links().stream()
                        .filter(link -> patient.captured().contains(link.name()))
                        .mapToInt(Link::mtu)
                        .max()
                        .orElse(0);
        Set<String> told = new HashSet<>();
        for (ServiceListing service : patient.services()) {
            for (ServerListing server : service.servers()) {
                Link link = linkOf(network, server.id().address());
                if (link != null && link.mtu() < widest && told.add(link.name())) {
                    findings.accept(
                            Finding.warning(
                                    link.name(),
                                    "takes packets of "
                                            + link.mtu()
                                            + " bytes, other interfaces "
                                            + widest
                                            + ": clients are told to send less, which firewalls"
                                            + " on their way may swallow",
                                    "the same MTU on both sides: ip link set "
                                            + link.name()
                                            + " mtu "
                                            + widest));
                }
                if (server.settings().method() == ForwardingMethod.TUNNEL
                        && told.add("tunnel " + server.id().address())) {
                    findings.accept(
                            Finding.note(
                                    Names.of(server),
                                    "is reached through a tunnel, whose header leaves clients less"
                                            + " room than the interface has",
                                    "raise the MTU between here and there, or lower the server's"
                                            + " MSS: ip route change default via GATEWAY advmss"
                                            + " 1400"));
                }
            }
        }
    }

    private static @Nullable Link linkOf(NetworkSnapshot network, IpAddress address) {
        for (LinkAddress own : network.addresses()) {
            if (address.matches(own.address(), own.prefixLength())) {
                return network.links().stream()
                        .filter(link -> link.index() == own.linkIndex())
                        .findFirst()
                        .orElse(null);
            }
        }
        return null;
    }
}
