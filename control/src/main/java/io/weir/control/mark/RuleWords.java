package io.weir.control.mark;

import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ServiceId;

import java.util.ArrayList;
import java.util.List;

/** The words that both forms of mark rules have in common. */
public final class RuleWords {
    private static final long UNSIGNED_INT = 0xffff_ffffL;

    private RuleWords() {}

    /** An inclusive range of destination ports. */
    record Ports(int first, int last) {
        static final Ports ALL = new Ports(0, MarkRule.LAST_PORT);
    }

    /** Splits at blanks; double quotes hold a word together, as iptables-save writes comments. */
    static List<String> split(String line) throws RuleFault {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                quoted = !quoted;
                inWord = true;
            } else if (c == '\\' && quoted && i + 1 < line.length()) {
                i++;
                word.append(line.charAt(i));
            } else if (Character.isWhitespace(c) && !quoted) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                inWord = false;
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quoted) {
            throw new RuleFault("a quote is not closed");
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    /** A protocol by name or number; 0 for all of them. */
    public static int protocol(String word) throws RuleFault {
        return switch (word) {
            case "any", "all", "0" -> 0;
            case "tcp", "TCP", "6" -> ServiceId.TCP;
            case "udp", "UDP", "17" -> ServiceId.UDP;
            case "sctp", "SCTP", "132" -> ServiceId.SCTP;
            default ->
                    throw new RuleFault(
                            "protocol " + word + " is not balanced; tcp, udp, sctp or all");
        };
    }

    /** tcp, udp, sctp or any. */
    public static String protocolName(int protocol) {
        return switch (protocol) {
            case ServiceId.TCP -> "tcp";
            case ServiceId.UDP -> "udp";
            case ServiceId.SCTP -> "sctp";
            default -> "any";
        };
    }

    /** An address, alone or with the length of a prefix or a netmask behind a slash. */
    public static Prefix prefix(String word) throws RuleFault {
        int slash = word.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? word : word.substring(0, slash));
        if (address == null) {
            throw new RuleFault(word + " is not an IP address or a prefix; names are not resolved");
        }
        return slash < 0
                ? Prefix.host(address)
                : Prefix.of(address, length(word, word.substring(slash + 1), address.ipv6()));
    }

    private static int length(String word, String mask, boolean ipv6) throws RuleFault {
        if (mask.matches("[0-9]{1,3}") && Integer.parseInt(mask) <= (ipv6 ? 128 : 32)) {
            return Integer.parseInt(mask);
        }
        IpAddress bits = ipv6 ? null : IpAddress.parse(mask);
        if (bits != null && !bits.ipv6()) {
            int length = Integer.numberOfLeadingZeros(~bits.v4());
            if (bits.v4() == (length == 0 ? 0 : -1 << (Integer.SIZE - length))) {
                return length;
            }
        }
        throw new RuleFault(word + " has no prefix length behind the slash");
    }

    /** A port, or a range with this separator, of which iptables lets either end be left out. */
    static Ports ports(String word, char separator, int protocol, Names names) throws RuleFault {
        int at = word.indexOf(separator);
        if (at < 0) {
            int port = port(word, protocol, names);
            return new Ports(port, port);
        }
        String from = word.substring(0, at);
        String to = word.substring(at + 1);
        int first = from.isEmpty() ? 0 : port(from, protocol, names);
        int last = to.isEmpty() ? MarkRule.LAST_PORT : port(to, protocol, names);
        if (first > last) {
            throw new RuleFault("the ports of " + word + " are the wrong way round");
        }
        return new Ports(first, last);
    }

    /** A port by number or name. */
    public static int port(String word, int protocol, Names names) throws RuleFault {
        if (word.matches("[0-9]{1,5}") && Integer.parseInt(word) <= MarkRule.LAST_PORT) {
            return Integer.parseInt(word);
        }
        int named = names.port(word, protocol);
        if (named == Names.UNKNOWN_PORT) {
            throw new RuleFault(word + " is not a port, 0 to 65535, and no service of that name");
        }
        return named;
    }

    /** A 32-bit number as C reads it: decimal, hexadecimal after 0x, octal after 0. */
    static int number(String word) throws RuleFault {
        if (word.matches("0|[1-9][0-9]{0,9}|0[0-7]{1,11}|0[xX][0-9a-fA-F]{1,8}")) {
            long value = Long.decode(word);
            if (value <= UNSIGNED_INT) {
                return (int) value;
            }
        }
        throw new RuleFault(word + " is not a mark, 0 to 0xffffffff");
    }
}
