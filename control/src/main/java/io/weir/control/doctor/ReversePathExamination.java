package io.weir.control.doctor;

import io.weir.dataplane.net.Link;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/** Whether the kernel refuses packets that come another way than it would answer. */
final class ReversePathExamination implements Examination {
    private static final int STRICT = 1;

    @Override
    public void examine(Patient patient, Consumer<Finding> findings) {
        int all = value(patient.proc("sys/net/ipv4/conf/all/rp_filter"));
        for (Link link : patient.network().links()) {
            if (!patient.captured().contains(link.name())) {
                continue;
            }
            // The kernel takes the stricter of the two (ip-sysctl.rst); 2, loose, counts above 1.
            int own = value(patient.proc("sys/net/ipv4/conf/" + link.name() + "/rp_filter"));
            if (Math.max(all, own) == STRICT) {
                findings.accept(
                        Finding.note(
                                link.name(),
                                "has rp_filter 1: balanced packets pass by it, but the host drops"
                                        + " others that come another way than it would answer,"
                                        + " such as health checks of servers with two ways",
                                "if that is a problem, sysctl -w net.ipv4.conf."
                                        + link.name()
                                        + ".rp_filter=2"));
            }
        }
    }

    private static int value(@Nullable String text) {
        try {
            return text == null ? 0 : Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
