package io.weir.control.check;

import com.sun.management.UnixOperatingSystemMXBean;

import java.lang.management.ManagementFactory;

/**
 * How much the checks may take of the machine at the same time.
 *
 * @param probes checks over the network, each with a socket
 * @param programs check programs, each with a process and a thread
 * @param loadPrograms programs that ask for a load, likewise
 */
record CheckLimits(int probes, int programs, int loadPrograms) {
    // What 20,000 servers that are all silent need, at a check in 5 s with 1 s to answer.
    private static final int MOST_PROBES = 4096;
    private static final int PROGRAMS = 64;
    private static final int LOAD_PROGRAMS = 16;

    /** Leaves most of the open files that this process may have to others. */
    static CheckLimits ofThisProcess() {
        long files =
                ManagementFactory.getOperatingSystemMXBean()
                                instanceof UnixOperatingSystemMXBean unix
                        ? unix.getMaxFileDescriptorCount()
                        : MOST_PROBES;
        return new CheckLimits(Math.clamp(files / 4, 16, MOST_PROBES), PROGRAMS, LOAD_PROGRAMS);
    }
}
