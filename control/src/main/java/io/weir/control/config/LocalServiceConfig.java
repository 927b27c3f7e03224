package io.weir.control.config;

import io.weir.dataplane.net.IpAddress;

import java.util.List;

/**
 * A service of the routers themselves: it runs on the active one alone, behind an address that
 * moves with it (Piranha's fos).
 *
 * @param name what the operator calls it
 * @param address where clients find it, one of the addresses that the active router has
 * @param port its port
 * @param start the program with its arguments that starts it
 * @param stop the program with its arguments that stops it, also before a first start
 * @param checks how the standby router sees from outside whether it answers
 */
public record LocalServiceConfig(
        String name,
        IpAddress address,
        int port,
        List<String> start,
        List<String> stop,
        List<CheckConfig> checks) {
    public LocalServiceConfig {
        start = List.copyOf(start);
        stop = List.copyOf(stop);
        checks = List.copyOf(checks);
    }
}
