package io.weir.dataplane.director;

import io.weir.dataplane.flow.ConnectionTable;
import io.weir.dataplane.service.Sysctl;
import io.weir.dataplane.service.Sysctls;

/**
 * The defences against floods of new connections, drop_packet, drop_entry and secure_tcp, each off
 * (0), automatic (1, or 2 while it is in force) or always on (3). As in the kernel, what they are
 * is decided once a second (recorded: sysctl-droppacket).
 *
 * <p>In the kernel the automatic ones wait for memory to run low. Here connections have memory of
 * their own, so they wait for it to run low: for fewer than amemthresh free entries in the
 * connection table, or less than a quarter of it. Owned by the worker.
 */
public final class Defence {
    private static final int OFF = 0;
    private static final int WAITING = 1;
    private static final int IN_FORCE = 2;
    private static final int ALWAYS = 3;

    private final Sysctls sysctls;
    private final ConnectionTable table;
    private final Admission admission = new Admission();
    private int dropRate;
    private int untilDrop;
    private boolean dropsEntries;
    private boolean securesTcp;

    Defence(Sysctls sysctls, ConnectionTable table) {
        this.sysctls = sysctls;
        this.table = table;
    }

    /** Decides anew; due once a second. */
    void decide() {
        int threshold = Math.min(sysctls.get(Sysctl.AMEMTHRESH), table.capacity() / 4);
        int free = table.capacity() - table.size();
        boolean low = free < threshold;
        dropsEntries = inForce(Sysctl.DROP_ENTRY, low);
        securesTcp = inForce(Sysctl.SECURE_TCP, low);
        if (!inForce(Sysctl.DROP_PACKET, low)) {
            dropRate = 0;
        } else if (sysctls.get(Sysctl.DROP_PACKET) == ALWAYS) {
            dropRate = sysctls.get(Sysctl.AM_DROPRATE);
        } else {
            dropRate = threshold / (threshold - free);
            untilDrop = dropRate;
        }
    }

    private boolean inForce(Sysctl defence, boolean low) {
        int mode = sysctls.get(defence);
        if (mode == WAITING && low) {
            sysctls.set(defence, IN_FORCE);
        } else if (mode == IN_FORCE && !low) {
            sysctls.set(defence, WAITING);
        }
        return mode == ALWAYS || (mode != OFF && low);
    }

    /** How many connections may begin; not the kernel's. */
    public Admission admission() {
        return admission;
    }

    /** Whether the packet at hand must not begin a connection; one in the rate must not. */
    boolean refuses() {
        if (dropRate == 0) {
            return false;
        }
        untilDrop--;
        if (untilDrop > 0) {
            return false;
        }
        untilDrop = dropRate;
        return true;
    }

    /** Whether entries are dropped that look like those of a flood. */
    boolean dropsEntries() {
        return dropsEntries;
    }

    /** Whether TCP connections follow the stricter table of states. */
    boolean securesTcp() {
        return securesTcp;
    }
}
