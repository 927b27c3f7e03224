package io.weir.control.doctor;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;

import java.util.function.Consumer;

/** Whether direct routing can work as it is configured. */
final class DirectRoutingExamination implements Examination {
    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        for (ServiceListing service : patient.services()) {
            for (ServerListing server : service.servers()) {
                if (server.settings().method() == ForwardingMethod.ROUTE) {
                    look(patient, service, server, findings);
                }
            }
        }
    }

    private static void look(
            Patient patient,
            ServiceListing service,
            ServerListing server,
            Consumer<Finding> findings) {
        IpAddress address = server.id().address();
        if (!onLink(patient, address)) {
            findings.accept(
                    Finding.problem(
                            Names.of(server),
                            "is reached by direct routing, but is on no network of this host",
                            "put it on a network of this host, or forward through a tunnel (-i) or"
                                    + " by NAT (-m)"));
        }
        int port = server.id().port();
        if (!service.id().isMark() && port != 0 && port != service.id().port()) {
            findings.accept(
                    Finding.warning(
                            Names.of(server),
                            "has another port than its service, but direct routing changes none:"
                                    + " packets keep port "
                                    + service.id().port(),
                            "give it the service's port, or use NAT (-m)"));
        }
    }

    private static boolean onLink(Patient patient, IpAddress address) {
        return patient.network().addresses().stream()
                .anyMatch(own -> address.matches(own.address(), own.prefixLength()));
    }
}
