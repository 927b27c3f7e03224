package io.weir.control.lvscf;

import io.weir.control.config.FloatingAddress;
import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The addresses that move between the routers, each once, and with which virtual router. */
final class AddressPlan {
    private final Map<IpAddress, Entry> entries = new LinkedHashMap<>();

    /**
     * One address.
     *
     * @param instance the virtual router with which it moves, null if the file does not say
     * @param key where the file has it
     */
    record Entry(FloatingAddress address, @Nullable String instance, Section section, String key) {}

    /** Takes an address; several virtual blocks may have the same. */
    void add(Entry entry) {
        Entry before = entries.putIfAbsent(entry.address.address(), entry);
        if (before == null) {
            return;
        }
        int line = before.section.line(before.key);
        String address = entry.address.address().toString();
        if (!before.address.device().equals(entry.address.device())
                || before.address.prefixLength() != entry.address.prefixLength()) {
            entry.section.fault(
                    entry.key,
                    address
                            + " has another interface or netmask in line "
                            + line
                            + "; write the same in both");
        } else if (!Objects.equals(before.instance, entry.instance)) {
            entry.section.fault(
                    entry.key,
                    address
                            + " moves with another vrrp block in line "
                            + line
                            + "; write the same in both");
        }
    }

    List<Entry> entries() {
        return new ArrayList<>(entries.values());
    }

    List<FloatingAddress> addresses() {
        return entries.values().stream().map(Entry::address).toList();
    }
}
