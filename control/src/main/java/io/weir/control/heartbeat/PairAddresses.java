package io.weir.control.heartbeat;

import io.weir.control.config.HeartbeatConfig;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.net.LinkAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/**
 * A pair as one of its routers sees it.
 *
 * @param primary this router is the primary
 * @param own its address, and
 * @param ownPrivate that on the second path, equal to it without one
 * @param partner the other router's addresses, null for a single router
 */
record PairAddresses(
        boolean primary,
        IpAddress own,
        IpAddress ownPrivate,
        @Nullable IpAddress partner,
        @Nullable IpAddress partnerPrivate,
        int port) {
    /**
     * Finds out which of the two this router is: the one whose address an interface has.
     *
     * @throws IOException if no interface has either; one line for the operator
     */
    static PairAddresses of(HeartbeatConfig config, List<LinkAddress> addresses)
            throws IOException {
        IpAddress backup = config.backup();
        IpAddress backupPrivate = config.backupPrivate() == null ? backup : config.backupPrivate();
        if (backup == null || has(addresses, config.primary())) {
            return new PairAddresses(
                    true,
                    config.primary(),
                    config.primaryPrivate(),
                    backup,
                    backupPrivate,
                    config.port());
        }
        if (has(addresses, backup) && backupPrivate != null) {
            return new PairAddresses(
                    false,
                    backup,
                    backupPrivate,
                    config.primary(),
                    config.primaryPrivate(),
                    config.port());
        }
        throw new IOException(
                "no interface has the address of the primary, "
                        + config.primary()
                        + ", or of the backup, "
                        + backup
                        + "; one of them must be this router's own");
    }

    private static boolean has(List<LinkAddress> addresses, IpAddress address) {
        return addresses.stream().anyMatch(held -> held.address().equals(address));
    }

    boolean hasSecondPath() {
        return partnerPrivate != null && !ownPrivate.equals(own) && !partnerPrivate.equals(partner);
    }

    boolean isPartner(IpAddress sender) {
        return sender.equals(partner) || sender.equals(partnerPrivate);
    }

    /** What is wrong with the interfaces of this router's own addresses, empty if nothing is. */
    String trouble(List<Link> links, List<LinkAddress> addresses) {
        String trouble = trouble(own, links, addresses);
        return trouble.isEmpty() && !ownPrivate.equals(own)
                ? trouble(ownPrivate, links, addresses)
                : trouble;
    }

    private static String trouble(
            IpAddress address, List<Link> links, List<LinkAddress> addresses) {
        for (LinkAddress held : addresses) {
            if (held.address().equals(address)) {
                for (Link link : links) {
                    if (link.index() == held.linkIndex()) {
                        return link.up() ? "" : "link " + link.name() + " is down";
                    }
                }
            }
        }
        return "no interface has " + address + " any more";
    }
}
