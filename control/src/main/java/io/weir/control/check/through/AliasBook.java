package io.weir.control.check.through;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which alias stands for which target; kept for good, so that its number is limited. Any thread.
 */
final class AliasBook {
    static final int LIMIT = 1 << 14;

    // Reserved for the future since 1986 (RFC 1112 §4), and routed by nobody.
    private static final IpAddress BLOCK = Objects.requireNonNull(IpAddress.parse("240.119.0.0"));

    // A unique local prefix (RFC 4193) for what never leaves this host.
    private static final IpAddress WIDE_BLOCK =
            Objects.requireNonNull(IpAddress.parse("fd77:6569:7200:240::"));

    static final int PREFIX_BITS = 16;
    static final int WIDE_PREFIX_BITS = 64;

    /** The first one is the host's own address on the device. */
    private static final int FIRST = 2;

    private final Map<Target, IpAddress> aliases = new HashMap<>();
    private final Map<IpAddress, Target> targets = new HashMap<>();

    /** The host's own address among the aliases. */
    static IpAddress own(boolean ipv6) {
        return number(ipv6, 1);
    }

    private static IpAddress number(boolean ipv6, int number) {
        return ipv6
                ? IpAddress.v6(WIDE_BLOCK.high(), WIDE_BLOCK.low() | number)
                : IpAddress.v4(BLOCK.v4() | number);
    }

    /** The alias of a target; null if there are too many. */
    synchronized @Nullable IpAddress alias(Target target) {
        IpAddress known = aliases.get(target);
        if (known != null || aliases.size() >= LIMIT) {
            return known;
        }
        IpAddress made = number(target.virtual().ipv6(), FIRST + aliases.size());
        aliases.put(target, made);
        targets.put(made, target);
        return made;
    }

    /** What an address stands for; null if it is no alias. */
    synchronized @Nullable Target target(IpAddress alias) {
        return targets.get(alias);
    }
}
