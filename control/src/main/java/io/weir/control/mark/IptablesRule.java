package io.weir.control.mark;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.RuleWords.Ports;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.net.Prefix;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The matches and the target of a rule that iptables appends to a chain, as far as weir can honour
 * them: {@code -p -d -s --dport -m multiport --dports -j MARK}. Whatever else stands there could
 * make the rule match other packets, so it is refused.
 */
final class IptablesRule {
    private static final String ONLY = "weir marks by -p, -d, -s, --dport and --dports";

    private final Names names;
    private final List<String> portWords = new ArrayList<>();
    private @Nullable Prefix source;
    private @Nullable Prefix destination;
    private int protocol;
    private boolean marking;
    private boolean valued;
    private int value;
    private int mask;

    private IptablesRule(Names names) {
        this.names = names;
    }

    /**
     * Reads what follows the name of the chain.
     *
     * @param ipv6 the family of a rule without an address
     */
    static List<MarkRule> parse(List<String> words, boolean ipv6, Names names) throws RuleFault {
        IptablesRule rule = new IptablesRule(names);
        Iterator<String> rest = words.iterator();
        while (rest.hasNext()) {
            rule.option(rest.next(), rest);
        }
        return rule.rules(ipv6);
    }

    private void option(String option, Iterator<String> rest) throws RuleFault {
        switch (option) {
            case "-p", "--protocol", "--proto" ->
                    protocol = RuleWords.protocol(argument(option, rest));
            case "-s", "--source", "--src" -> source = RuleWords.prefix(argument(option, rest));
            case "-d", "--destination", "--dst" ->
                    destination = RuleWords.prefix(argument(option, rest));
            case "--dport", "--destination-port" -> portWords.add(argument(option, rest));
            case "--dports", "--destination-ports" ->
                    portWords.addAll(List.of(argument(option, rest).split(",", -1)));
            case "-m", "--match" -> match(argument(option, rest));
            case "--comment" -> argument(option, rest);
            case "-c", "--set-counters" -> {
                argument(option, rest);
                argument(option, rest);
            }
            case "-j", "--jump" -> target(argument(option, rest));
            case "--set-mark", "--set-xmark", "--and-mark", "--or-mark", "--xor-mark" ->
                    mark(option, argument(option, rest));
            case "-i", "--in-interface" ->
                    throw new RuleFault(
                            "weir marks on every interface it captures; leave out -i, or give -d"
                                    + " the addresses behind that interface");
            case "!" -> throw new RuleFault("weir cannot negate a match; write what is to match");
            default -> throw new RuleFault("weir cannot honour " + option + "; " + ONLY);
        }
    }

    private static String argument(String option, Iterator<String> rest) throws RuleFault {
        if (!rest.hasNext()) {
            throw new RuleFault("nothing follows " + option);
        }
        return rest.next();
    }

    private static void match(String name) throws RuleFault {
        switch (name) {
            case "tcp", "udp", "sctp", "multiport", "comment" -> {}
            default -> throw new RuleFault("weir cannot honour -m " + name + "; " + ONLY);
        }
    }

    private void target(String name) throws RuleFault {
        if (!name.equals("MARK")) {
            throw new RuleFault(
                    "weir cannot honour -j "
                            + name
                            + "; of this chain it takes -j MARK alone, and a later rule overrides"
                            + " an earlier one");
        }
        marking = true;
    }

    private void mark(String option, String word) throws RuleFault {
        int slash = word.indexOf('/');
        int number = RuleWords.number(slash < 0 ? word : word.substring(0, slash));
        int given = slash < 0 ? MarkRule.WHOLE : RuleWords.number(word.substring(slash + 1));
        if (slash >= 0 && !option.startsWith("--set")) {
            throw new RuleFault(option + " takes no mask");
        }
        valued = true;
        switch (option) {
            case "--set-mark" -> set(number, given | number);
            case "--and-mark" -> set(0, ~number);
            case "--or-mark" -> set(number, number);
            case "--xor-mark" -> set(number, 0);
            default -> set(number, given);
        }
    }

    private void set(int newValue, int newMask) {
        value = newValue;
        mask = newMask;
    }

    private List<MarkRule> rules(boolean ipv6) throws RuleFault {
        if (!marking || !valued) {
            throw new RuleFault("there is no -j MARK with --set-mark or --set-xmark");
        }
        if (!portWords.isEmpty() && protocol == 0) {
            throw new RuleFault("ports need a protocol before them: -p tcp, -p udp or -p sctp");
        }
        boolean six = family(ipv6);
        Prefix to = destination == null ? Prefix.any(six) : destination;
        Prefix from = source == null ? Prefix.any(six) : source;
        if (to.network().ipv6() != from.network().ipv6()) {
            throw new RuleFault(from + " and " + to + " are not of the same family");
        }
        List<Ports> ports = new ArrayList<>();
        for (String word : portWords) {
            ports.add(RuleWords.ports(word, ':', protocol, names));
        }
        List<MarkRule> rules = new ArrayList<>();
        for (Ports range : ports.isEmpty() ? List.of(Ports.ALL) : ports) {
            rules.add(new MarkRule(protocol, from, to, range.first(), range.last(), value, mask));
        }
        return rules;
    }

    private boolean family(boolean otherwise) {
        Prefix given = destination == null ? source : destination;
        return given == null ? otherwise : given.network().ipv6();
    }
}
