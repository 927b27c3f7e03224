package io.weir.control.api;

import io.weir.control.mark.MarkEditor;
import io.weir.control.masquerade.MasqueradeEditor;
import io.weir.control.router.ConfiguredRouter;
import io.weir.dataplane.service.Administration;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * What the API talks to.
 *
 * @param administration rules, connections and totals
 * @param ipvsadm the commands of the ipvsadm family
 * @param marks the rules that give packets firewall marks
 * @param masquerade the rules that hide connections of real servers behind an address
 * @param view the rest of the balancer
 * @param router what runs by a configuration, null for a balancer alone
 * @param version weir's version
 * @param networkNamespace the kernel's name of the network namespace
 * @param started when the daemon was ready
 */
public record ApiBackend(
        Administration administration,
        CommandInterpreter ipvsadm,
        MarkEditor marks,
        MasqueradeEditor masquerade,
        BalancerView view,
        @Nullable ConfiguredRouter router,
        String version,
        String networkNamespace,
        Instant started) {}
