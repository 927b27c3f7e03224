package io.weir.control.handover;

import io.weir.control.address.SteeringLinks;
import io.weir.dataplane.sys.GuardProcess;
import io.weir.dataplane.sys.SystemCallException;

import java.nio.file.Path;

/**
 * A small process that outlives this one and keeps the host from the balancer's packets until the
 * next process has taken over, which it tells by removing the state file: the host would answer
 * clients and servers in the middle of their connections with RST. One thread at a time.
 */
public final class RestartGuard implements AutoCloseable {
    /** How long it waits for a next process, in fifths of a second. */
    private static final int TURNS = 50;

    private static final String KEEP = "keep";

    private static final String SCRIPT =
            """
            trap '' INT TERM HUP
            exec 3<&0
            {
              read -r word || exit 0
              turn=0
              while [ $turn -lt TURNS ] && [ -e 'FILE' ]; do
                sleep 0.2
                turn=$((turn + 1))
              done
            } <&3 >/dev/null 2>&1 &
            """;

    private final GuardProcess process;

    private RestartGuard(GuardProcess process) {
        this.process = process;
    }

    /**
     * Starts it.
     *
     * @param links what it keeps
     * @param file the state file
     * @throws SystemCallException without a shell
     */
    public static RestartGuard start(SteeringLinks links, Path file) throws SystemCallException {
        String script =
                SCRIPT.replace("TURNS", Integer.toString(TURNS))
                        .replace("FILE", file.toString().replace("'", "'\\''"));
        return links.with(
                descriptors ->
                        new RestartGuard(
                                GuardProcess.start(
                                        script, descriptors, "guard connections meanwhile")));
    }

    /** The state file is written. */
    public void keep() {
        process.tell(KEEP);
    }

    /** Leaves it to itself; without {@link #keep} it ends. */
    @Override
    public void close() {
        process.close();
    }
}
