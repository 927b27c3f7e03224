package io.weir.control.lvscf;

import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.VirtualReader.ServiceFacts;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the rules that give a virtual block's packets its mark: those for its address, protocol and
 * port, as the manual has them set by hand with iptables, and those for more ports.
 */
final class MarkReader {
    private static final String NONE = "none";

    private MarkReader() {}

    private record Ports(int first, int last) {}

    static List<MarkRule> rules(Section section, Values values, ServiceFacts facts) {
        List<Ports> ranges =
                section.read("mark_ports", List.of(), each -> ports(each, values, facts));
        boolean none = section.read("mark_ports", "", Values::word).equals(NONE);
        IpAddress vip = facts.vip();
        if (none || (vip.high() == 0 && vip.low() == 0)) {
            return List.of();
        }
        List<Ports> all = new ArrayList<>();
        all.add(
                facts.port() == 0
                        ? new Ports(0, MarkRule.LAST_PORT)
                        : new Ports(facts.port(), facts.port()));
        all.addAll(ranges);
        List<MarkRule> rules = new ArrayList<>();
        for (Ports range : all) {
            rules.add(
                    MarkRule.of(
                            facts.protocol(),
                            Prefix.host(vip),
                            range.first,
                            range.last,
                            facts.id().mark()));
        }
        return rules;
    }

    private static List<Ports> ports(Assignment assignment, Values values, ServiceFacts facts)
            throws LvsCfFault {
        List<Ports> ports = new ArrayList<>();
        if (assignment.values().equals(List.of(NONE))) {
            return ports;
        }
        for (String word : assignment.values()) {
            int colon = word.indexOf(':');
            int first =
                    values.port(colon < 0 ? word : word.substring(0, colon), facts.protocol(), 1);
            int last =
                    colon < 0 ? first : values.port(word.substring(colon + 1), facts.protocol(), 1);
            if (first > last) {
                throw new LvsCfFault("the ports of " + word + " are the wrong way round");
            }
            ports.add(new Ports(first, last));
        }
        return ports;
    }
}
