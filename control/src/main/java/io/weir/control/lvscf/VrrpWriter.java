package io.weir.control.lvscf;

import io.weir.control.config.FloatingAddress;
import io.weir.control.config.VrrpInstanceConfig;
import io.weir.dataplane.net.IpAddress;

import java.util.List;

/** Writes a virtual router as a vrrp block. */
final class VrrpWriter {
    private VrrpWriter() {}

    static void write(VrrpInstanceConfig vrrp, Lines lines) {
        lines.set("interface", vrrp.device());
        lines.set("virtual_router_id", vrrp.routerId());
        lines.set("version", vrrp.version());
        lines.flag("ipv6", vrrp.ipv6());
        lines.set("priority", vrrp.priority());
        lines.set("advert_int", vrrp.interval());
        lines.flag("preempt", vrrp.preempt());
        if (!vrrp.preemptDelay().isZero()) {
            lines.set("preempt_delay", vrrp.preemptDelay());
        }
        lines.set("state", vrrp.startsActive() ? "MASTER" : "BACKUP");
        vrrp.addresses().forEach(each -> lines.set("address", address(each)));
        vrrp.unlisted().forEach(each -> lines.set("excluded_address", address(each)));
        if (vrrp.source() != null) {
            lines.set("source", vrrp.source());
        }
        if (!vrrp.peers().isEmpty()) {
            lines.set("peers", vrrp.peers().stream().map(IpAddress::toString).toList());
        }
        if (vrrp.password() != null) {
            lines.set("password", vrrp.password());
        }
        if (vrrp.ipv4PseudoHeader()) {
            lines.set("checksum", "pseudo_header");
        }
        if (!vrrp.trackedDevices().isEmpty()) {
            lines.set("track_interface", vrrp.trackedDevices());
        }
        ConfigurationWriter.announcements(vrrp.announcements(), lines);
    }

    /** The words of an address with its interface. */
    static List<String> address(FloatingAddress address) {
        return List.of(
                address.address() + "/" + address.prefixLength(), ServiceWriter.place(address));
    }
}
