package io.weir.dataplane.io.steering;

import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ServiceId;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/**
 * Lays out which packets are balanced for their mark, as tables for the kernel: a source table
 * leads to a destination table, that one to a table of ports.
 *
 * <p>The source table has a line for each source prefix of the rules. The longest one that a packet
 * is in tells which rules its source satisfies, those whose prefix holds that one; the destination
 * table of the line has the lines for these rules. It has one for each prefix of a rule, as far as
 * that is an address of the host, because packets for others are routed before IPVS would see them.
 * There again the longest line tells which rules are satisfied; playing these, port by port, gives
 * the marks, and whether they have a service.
 */
final class MarkLayout {
    private static final int[] TRANSPORTS = {ServiceId.TCP, ServiceId.UDP, ServiceId.SCTP};

    private final MarkedTraffic traffic;
    private final List<MarkRule> rules;
    private final Map<Prefix, Set<Prefix>> atHost = new HashMap<>();
    private final IntSupplier numbers;
    private final List<TrieEntry> entries = new ArrayList<>();
    private final Map<BitSet, Integer> portTables = new HashMap<>();
    private final Map<List<PortRange>, Integer> tablesByPorts = new HashMap<>();
    private final int capacity;
    private final int sourceTable;

    /**
     * Lays out the tables.
     *
     * @param local the prefixes of the host's own addresses
     * @param numbers gives each table its number
     * @param capacity the most lines
     * @throws SteeringException if there would be more
     */
    MarkLayout(MarkedTraffic traffic, Set<Prefix> local, IntSupplier numbers, int capacity)
            throws SteeringException {
        this.traffic = traffic;
        this.rules = traffic.rules();
        this.numbers = numbers;
        this.capacity = capacity;
        for (MarkRule rule : rules) {
            atHost.computeIfAbsent(rule.destination(), prefix -> intersections(prefix, local));
        }
        sourceTable = numbers.getAsInt();
        // A packet of either family has to find its own line, not the other one's.
        Set<Prefix> sources = new LinkedHashSet<>(List.of(Prefix.any(false), Prefix.any(true)));
        rules.forEach(rule -> sources.add(rule.source()));
        for (Prefix source : sources) {
            add(TrieEntry.ofAddresses(sourceTable, 0, source, destinations(source)));
        }
    }

    private static Set<Prefix> intersections(Prefix destination, Set<Prefix> local) {
        Set<Prefix> common = new LinkedHashSet<>();
        for (Prefix prefix : local) {
            Prefix both = destination.intersection(prefix);
            if (both != null) {
                common.add(both);
            }
        }
        return common;
    }

    private void add(TrieEntry entry) throws SteeringException {
        if (entries.size() == capacity) {
            throw new SteeringException(
                    "cannot steer traffic: the mark rules come to more than "
                            + capacity
                            + " combinations of source, destination and ports; use fewer source"
                            + " prefixes or port ranges");
        }
        entries.add(entry);
    }

    private int destinations(Prefix source) throws SteeringException {
        BitSet satisfied = new BitSet();
        Set<Prefix> destinations = new LinkedHashSet<>();
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).source().contains(source)) {
                satisfied.set(i);
                destinations.addAll(atHost.getOrDefault(rules.get(i).destination(), Set.of()));
            }
        }
        int table = numbers.getAsInt();
        for (int protocol : TRANSPORTS) {
            List<TrieEntry> lines = new ArrayList<>();
            boolean any = false;
            for (Prefix destination : destinations) {
                int ports = ports(covering(satisfied, protocol, destination), source);
                any |= ports != 0;
                lines.add(TrieEntry.ofAddresses(table, protocol, destination, ports));
            }
            if (any) {
                for (TrieEntry line : lines) {
                    add(line);
                }
            }
        }
        return table;
    }

    private BitSet covering(BitSet satisfied, int protocol, Prefix destination) {
        BitSet covering = new BitSet();
        for (int i = satisfied.nextSetBit(0); i >= 0; i = satisfied.nextSetBit(i + 1)) {
            MarkRule rule = rules.get(i);
            if ((rule.protocol() == 0 || rule.protocol() == protocol)
                    && rule.destination().contains(destination)) {
                covering.set(i);
            }
        }
        return covering;
    }

    private int ports(BitSet covering, Prefix source) throws SteeringException {
        Integer known = portTables.get(covering);
        if (known == null) {
            known = portTable(served(covering, source.network().ipv6()));
            portTables.put(covering, known);
        }
        return known;
    }

    private int portTable(List<PortRange> ranges) throws SteeringException {
        if (ranges.isEmpty()) {
            return 0;
        }
        Integer known = tablesByPorts.get(ranges);
        if (known == null) {
            known = numbers.getAsInt();
            tablesByPorts.put(ranges, known);
            for (PortRange range : ranges) {
                for (TrieEntry entry : range.entries(known)) {
                    add(entry);
                }
            }
        }
        return known;
    }

    /** The ports that get a mark with a service from these rules. */
    private List<PortRange> served(BitSet covering, boolean ipv6) {
        TreeSet<Integer> starts = new TreeSet<>();
        covering.stream()
                .forEach(
                        i -> {
                            starts.add(rules.get(i).firstPort());
                            starts.add(rules.get(i).lastPort() + 1);
                        });
        List<PortRange> ranges = new ArrayList<>();
        int begun = -1;
        for (int port : starts) {
            boolean served = port <= MarkRule.LAST_PORT && isServed(covering, port, ipv6);
            if (served && begun < 0) {
                begun = port;
            } else if (!served && begun >= 0) {
                ranges.add(new PortRange(begun, port - 1));
                begun = -1;
            }
        }
        return ranges;
    }

    private boolean isServed(BitSet covering, int port, boolean ipv6) {
        int mark = 0;
        for (int i = covering.nextSetBit(0); i >= 0; i = covering.nextSetBit(i + 1)) {
            MarkRule rule = rules.get(i);
            if (port >= rule.firstPort() && port <= rule.lastPort()) {
                mark = rule.apply(mark);
            }
        }
        return traffic.isServed(mark, ipv6);
    }

    /** The number of the table to look a packet's source up in. */
    int sourceTable() {
        return sourceTable;
    }

    /** The lines of all tables. */
    List<TrieEntry> entries() {
        return entries;
    }
}
