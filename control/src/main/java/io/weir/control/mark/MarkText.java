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
 * Weir's own form of a mark rule, on one line:
 *
 * <pre>PROTOCOL to ADDRESS[/LENGTH] [port PORT[-PORT],...] [from ADDRESS[/LENGTH]] mark MARK</pre>
 *
 * where PROTOCOL is tcp, udp, sctp or any, and MARK a number, or two with a slash between them for
 * value and mask.
 */
public final class MarkText {
    private MarkText() {}

    /** The rule as a line that is read back as this rule. */
    public static String line(MarkRule rule) {
        StringBuilder line = new StringBuilder();
        line.append(protocol(rule)).append(" to ");
        line.append(rule.destination());
        if (!rule.everyPort()) {
            line.append(" port ").append(ports(rule));
        }
        if (rule.source().length() > 0) {
            line.append(" from ").append(rule.source());
        }
        return line.append(" mark ").append(mark(rule)).toString();
    }

    /** The protocol of a rule: tcp, udp, sctp or any. */
    public static String protocol(MarkRule rule) {
        return RuleWords.protocolName(rule.protocol());
    }

    /** The ports of a rule, as {@code 80} or {@code 10000-20000}. */
    public static String ports(MarkRule rule) {
        return rule.firstPort() == rule.lastPort()
                ? Integer.toString(rule.firstPort())
                : rule.firstPort() + "-" + rule.lastPort();
    }

    private static String mark(MarkRule rule) {
        return rule.mask() == MarkRule.WHOLE
                ? Integer.toUnsignedString(rule.value())
                : "0x"
                        + Integer.toHexString(rule.value())
                        + "/0x"
                        + Integer.toHexString(rule.mask());
    }

    /** Reads a line that has been split into words; several ports make several rules. */
    static List<MarkRule> parse(List<String> words, Names names) throws RuleFault {
        Iterator<String> rest = words.iterator();
        int protocol = RuleWords.protocol(rest.next());
        Prefix to = null;
        Prefix from = null;
        String mark = null;
        List<Ports> ports = new ArrayList<>();
        while (rest.hasNext()) {
            String keyword = rest.next();
            if (!rest.hasNext()) {
                throw new RuleFault("nothing follows " + keyword);
            }
            String word = rest.next();
            switch (keyword) {
                case "to" -> to = once(to, keyword, RuleWords.prefix(word));
                case "from" -> from = once(from, keyword, RuleWords.prefix(word));
                case "mark" -> mark = once(mark, keyword, word);
                case "port", "ports" -> {
                    for (String part : word.split(",", -1)) {
                        ports.add(RuleWords.ports(part, '-', protocol, names));
                    }
                }
                default -> throw new RuleFault(keyword + " is not one of: to, port, from, mark");
            }
        }
        if (to == null || mark == null) {
            throw new RuleFault("a rule needs an address after \"to\" and a mark after \"mark\"");
        }
        return rules(protocol, to, from, ports, mark);
    }

    private static <T> T once(@Nullable T before, String keyword, T value) throws RuleFault {
        if (before != null) {
            throw new RuleFault(keyword + " stands there twice");
        }
        return value;
    }

    private static List<MarkRule> rules(
            int protocol, Prefix to, @Nullable Prefix from, List<Ports> ports, String mark)
            throws RuleFault {
        Prefix source = from == null ? Prefix.any(to.network().ipv6()) : from;
        if (source.network().ipv6() != to.network().ipv6()) {
            throw new RuleFault(source + " and " + to + " are not of the same family");
        }
        int slash = mark.indexOf('/');
        int value = RuleWords.number(slash < 0 ? mark : mark.substring(0, slash));
        int mask = slash < 0 ? MarkRule.WHOLE : RuleWords.number(mark.substring(slash + 1));
        List<MarkRule> rules = new ArrayList<>();
        for (Ports range : ports.isEmpty() ? List.of(Ports.ALL) : ports) {
            rules.add(new MarkRule(protocol, source, to, range.first(), range.last(), value, mask));
        }
        return rules;
    }
}
