package io.weir.control.doctor;

import io.weir.control.failover.Role;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Whether another host answers ARP for a virtual address: a real server of direct routing that does
 * not keep quiet, or a second router that believes that it is active.
 */
final class ArpExamination implements Examination {
    /** Each question waits for its answers. */
    private static final int MOST_QUESTIONS = 32;

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        List<Link> links =
                patient.network().links().stream()
                        .filter(link -> link.ethernet() && link.up())
                        .filter(link -> patient.captured().contains(link.name()))
                        .toList();
        Set<Long> own = links.stream().map(Link::mac).collect(Collectors.toSet());
        int questions = 0;
        for (IpAddress address : VirtualAddressExamination.virtualAddresses(patient)) {
            if (address.ipv6()) {
                continue;
            }
            for (Link link : links) {
                if (questions++ == MOST_QUESTIONS) {
                    findings.accept(
                            Finding.note(
                                    "ARP",
                                    "only the first " + MOST_QUESTIONS + " questions were asked",
                                    ""));
                    return;
                }
                ask(patient, link, address, own, findings);
            }
        }
    }

    private static void ask(
            Patient patient,
            Link link,
            IpAddress address,
            Set<Long> own,
            Consumer<Finding> findings) {
        Set<Long> others;
        try {
            others = new TreeSet<>(patient.whoHas(link, address));
        } catch (IOException e) {
            findings.accept(
                    Finding.note(link.name(), "ARP could not be asked: " + e.getMessage(), ""));
            return;
        }
        others.removeAll(own);
        // On a standby router, exactly the active one is to answer.
        int expected = patient.role() == Role.ACTIVE ? 0 : 1;
        if (others.size() > expected) {
            String macs = others.stream().map(Names::mac).collect(Collectors.joining(", "));
            findings.accept(
                    Finding.problem(
                            address.toString(),
                            "is answered for on " + link.name() + " by " + macs,
                            "on a real server of direct routing: put the address on lo, and"
                                    + " sysctl -w net.ipv4.conf.all.arp_ignore=1"
                                    + " net.ipv4.conf.all.arp_announce=2; if it is the other"
                                    + " router, the two do not hear each other"));
        }
    }
}
