package io.weir.control.doctor;

import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerListing;
import io.weir.dataplane.service.ServiceListing;

import java.util.function.Consumer;

/** Whether NAT's real servers answer through this router. */
final class ReturnPathExamination implements Examination {
    /** A few packets may be on their way. */
    private static final long ENOUGH_PACKETS = 10;

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        for (ServiceListing service : patient.services()) {
            for (ServerListing server : service.servers()) {
                if (server.settings().method() == ForwardingMethod.MASQUERADE) {
                    look(server, findings);
                }
            }
        }
    }

    private static void look(ServerListing server, Consumer<Finding> findings) {
        String name = Names.of(server);
        long in = server.counters().inPackets();
        long out = server.counters().outPackets();
        if (in >= ENOUGH_PACKETS && out == 0) {
            findings.accept(
                    Finding.problem(
                            name,
                            "was sent " + in + " packets, and none came back through this router",
                            "on the real server: ip route replace default via this router's"
                                    + " address there (nat_router), and no client may be on the"
                                    + " server's own network"));
        } else if (out > 0) {
            findings.accept(Finding.fine(name, "answers through this router"));
        }
    }
}
