package io.weir.control.daemon;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Set;

/**
 * What an operator chooses for a daemon.
 *
 * @param config the file that a router runs by, null for a balancer alone
 * @param rules a file in the format of ipvsadm-save, null to start without rules
 * @param marks a file of rules for firewall marks, null to start without
 * @param masquerade a file of masquerading rules, null to start without
 * @param sysctl a file in the form of sysctl.conf with settings to start with, null for none
 * @param interfaces the interfaces to capture; empty for every Ethernet interface
 * @param workers how many workers there are and where they run
 * @param io how frames are moved
 * @param offloads whether the kernel forwards established flows by itself
 * @param connections the most connections and persistence templates
 * @param fragmentedDatagrams the most datagrams whose fragments wait for others
 * @param keepsState whether connections and checks go on in the next process
 * @param warmsUp whether the packets' way is compiled before there are packets
 * @param socket where to put the control socket, null for its usual place
 */
public record DaemonOptions(
        @Nullable Path config,
        @Nullable Path rules,
        @Nullable Path marks,
        @Nullable Path masquerade,
        @Nullable Path sysctl,
        Set<String> interfaces,
        WorkerPlan workers,
        IoChoice io,
        boolean offloads,
        int connections,
        int fragmentedDatagrams,
        boolean keepsState,
        boolean warmsUp,
        @Nullable Path socket) {
    public DaemonOptions {
        interfaces = Set.copyOf(interfaces);
    }
}
