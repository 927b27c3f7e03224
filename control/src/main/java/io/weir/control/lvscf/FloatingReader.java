package io.weir.control.lvscf;

import io.weir.control.config.FloatingAddress;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Reads addresses with the interface where the active router has them. */
final class FloatingReader {
    private final Values values;

    /**
     * An address and where it is to be.
     *
     * @param length of its prefix, -1 if that is not said
     * @param place the interface or its alias, null if weir does not put the address anywhere
     */
    record Placed(IpAddress address, int length, @Nullable String place) {
        /** The address for the router to hold; null without an interface. */
        @Nullable FloatingAddress floating(int otherLength) {
            String at = place;
            if (at == null) {
                return null;
            }
            int bits = length >= 0 ? length : otherLength;
            int colon = at.indexOf(':');
            // Labels are IPv4's alone (ifa_label in rtnetlink).
            boolean label = colon >= 0 && !address.ipv6();
            return new FloatingAddress(
                    address, bits, colon < 0 ? at : at.substring(0, colon), label ? at : null);
        }

        /** The length of a prefix that holds the address alone. */
        int whole() {
            return address.ipv6() ? 128 : 32;
        }
    }

    FloatingReader(Values values) {
        this.values = values;
    }

    /** {@code HOST[/LENGTH] [INTERFACE[:ALIAS]]}. */
    Placed placed(Assignment assignment) throws LvsCfFault {
        List<String> words = assignment.values();
        String host = words.getFirst();
        int slash = host.indexOf('/');
        IpAddress address = values.host(slash < 0 ? host : host.substring(0, slash));
        int length = slash < 0 ? -1 : Values.mask(host.substring(slash), address.ipv6());
        if (words.size() == 1) {
            return new Placed(address, length, null);
        }
        Values.device(words.get(1));
        return new Placed(address, length, words.get(1));
    }

    /** The same for a key that needs the interface. */
    FloatingAddress floating(Assignment assignment) throws LvsCfFault {
        Placed placed = placed(assignment);
        FloatingAddress floating = placed.floating(placed.whole());
        if (floating == null) {
            throw new LvsCfFault("an interface is missing, as \"" + placed.address() + " eth0:1\"");
        }
        return floating;
    }

    /** The address of a section, with the netmask of another key of it. */
    @Nullable FloatingAddress read(Section section, String key, String maskKey) {
        Placed placed = section.find(key, this::placed);
        if (placed == null) {
            return null;
        }
        int length = mask(section, maskKey, placed.address().ipv6());
        return placed.floating(length >= 0 ? length : placed.whole());
    }

    private static int mask(Section section, String key, boolean ipv6) {
        return section.read(key, -1, each -> Values.mask(Values.word(each), ipv6));
    }
}
