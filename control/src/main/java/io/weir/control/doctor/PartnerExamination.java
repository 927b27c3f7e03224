package io.weir.control.doctor;

import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;

import java.util.function.Consumer;

/** Whether the other router is heard. */
final class PartnerExamination implements Examination {
    private static final long SILENT_MILLIS = 60_000;

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        for (Failover.Status status : patient.partners()) {
            String name = status.instance();
            long age = status.partnerAgeMillis();
            // An active VRRP router hears nobody while all is well (RFC 9568 6.4.3).
            if (age < 0 && status.role() != Role.ACTIVE) {
                findings.accept(
                        Finding.problem(
                                name,
                                "no other router was ever heard",
                                "is weir running there? does a packet filter let protocol 112, or"
                                        + " the heartbeat's UDP port, through? where multicast is"
                                        + " filtered, name the peers"));
            } else if (age < 0) {
                findings.accept(
                        Finding.warning(
                                name,
                                "no other router was ever heard, so nobody would take over",
                                "weir status on the other router tells whether it hears this one"));
            } else if (age > SILENT_MILLIS && status.role() != Role.ACTIVE) {
                findings.accept(
                        Finding.warning(
                                name,
                                status.partner() + " was heard last " + age / 1000 + " s ago",
                                "look at weir status there"));
            } else {
                findings.accept(Finding.fine(name, status.partner() + " is heard"));
            }
        }
    }
}
