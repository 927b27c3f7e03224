package io.weir.control.doctor;

import io.weir.dataplane.service.ForwardingMethod;

import java.util.function.Consumer;

/** Whether the host forwards packets, where NAT's real servers reach the world through it. */
final class ForwardingExamination implements Examination {
    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        look(patient, findings, false, "net.ipv4.ip_forward", "sys/net/ipv4/ip_forward");
        look(
                patient,
                findings,
                true,
                "net.ipv6.conf.all.forwarding",
                "sys/net/ipv6/conf/all/forwarding");
    }

    private static void look(
            Patient patient,
            Consumer<Finding> findings,
            boolean ipv6,
            String setting,
            String path) {
        boolean needed =
                patient.services().stream()
                        .flatMap(service -> service.servers().stream())
                        .anyMatch(
                                server ->
                                        server.id().address().ipv6() == ipv6
                                                && server.settings().method()
                                                        == ForwardingMethod.MASQUERADE);
        String value = patient.proc(path);
        if (!needed || value == null) {
            return;
        }
        if (value.strip().equals("0")) {
            findings.accept(
                    Finding.warning(
                            setting,
                            "is 0: balanced traffic passes, but what real servers send otherwise"
                                    + " does not (updates, active FTP, a third tier)",
                            "sysctl -w "
                                    + setting
                                    + "=1, and in /etc/sysctl.conf; weir reads it at its start"));
        } else {
            findings.accept(Finding.fine(setting, "is on"));
        }
    }
}
