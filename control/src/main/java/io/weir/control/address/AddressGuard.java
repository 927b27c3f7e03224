package io.weir.control.address;

import io.weir.dataplane.sys.GuardProcess;
import io.weir.dataplane.sys.SystemCallException;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;

/**
 * A small process that takes the addresses off at once when this one is killed, and then for some
 * time keeps the host from seeing what was weir's.
 *
 * <p>The lease alone would take the addresses off after seconds. Until then the host, which sees
 * all packets as soon as weir's programs are gone, would answer clients and servers in the middle
 * of their connections with RST. docs/decisions/floating-addresses.md says more. One thread at a
 * time.
 */
final class AddressGuard implements AutoCloseable {
    /** Longer than a partner needs to take over. */
    private static final int KEEP_SECONDS = 20;

    private static final String PURPOSE = "guard floating addresses";
    private static final String END = "end";

    /** After a stop in good order: the partner's announcement is under way. */
    private static final String LINGER = "linger";

    private static final String SCRIPT =
            """
            trap '' INT TERM HUP
            exec 3<&0
            {
              list=
              while read -r line; do list=$line; done
              [ "$list" = end ] && exit 0
              [ "$list" = linger ] && exec sleep 2
              [ -z "$list" ] && exit 0
              for held in $list; do
                echo "addr del ${held%@*} dev ${held#*@}"
              done | ip -force -batch -
              exec sleep SECONDS
            } <&3 >/dev/null 2>&1 &
            """;

    private static final Logger LOG = System.getLogger("weir");

    private final SteeringLinks links;
    private @Nullable GuardProcess process;
    private List<String> told = List.of();
    private int[] kept = new int[0];
    private boolean failed;
    private boolean everHeld;

    AddressGuard(SteeringLinks links) {
        this.links = links;
    }

    /** These are on from now on, each as ADDRESS/LENGTH@INTERFACE; none is a list, too. */
    void guard(List<String> addresses) {
        everHeld |= !addresses.isEmpty();
        try {
            boolean current = links.with(descriptors -> Arrays.equals(descriptors, kept));
            if (process == null || !current) {
                start(addresses);
            } else if (!addresses.equals(told)) {
                tell(addresses);
            }
            failed = false;
        } catch (SystemCallException e) {
            if (!failed) {
                failed = true;
                LOG.log(Level.WARNING, e.getMessage());
            }
        }
    }

    private void tell(List<String> addresses) throws SystemCallException {
        GuardProcess running = process;
        if (running == null || !running.tell(String.join(" ", addresses))) {
            start(addresses);
        }
        told = List.copyOf(addresses);
    }

    // The new one first: what both keep is never without a keeper.
    private void start(List<String> addresses) throws SystemCallException {
        GuardProcess before = process;
        GuardProcess started =
                links.with(
                        descriptors -> {
                            kept = descriptors.clone();
                            int seconds = descriptors.length == 0 ? 0 : KEEP_SECONDS;
                            return GuardProcess.start(
                                    SCRIPT.replace("SECONDS", Integer.toString(seconds)),
                                    descriptors,
                                    PURPOSE);
                        });
        started.tell(String.join(" ", addresses));
        told = List.copyOf(addresses);
        process = started;
        if (before != null) {
            before.tell(END);
            before.close();
        }
    }

    private void end() {
        GuardProcess running = process;
        if (running != null) {
            running.tell(everHeld && kept.length > 0 ? LINGER : END);
            running.close();
            process = null;
        }
    }

    @Override
    public void close() {
        end();
    }
}
