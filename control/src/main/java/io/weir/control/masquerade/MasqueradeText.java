package io.weir.control.masquerade;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.RuleFault;
import io.weir.control.mark.RuleWords;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.List;

/**
 * Weir's own form of a masquerading rule, on one line:
 *
 * <pre>PROTOCOL ADDRESS[/LENGTH] [sport PORT] [to ADDRESS[/LENGTH]] behind ADDRESS</pre>
 *
 * where PROTOCOL is tcp, udp or any (both), and the word interface may stand in the place of the
 * last address: then it is the one that the host itself would use.
 */
public final class MasqueradeText {
    private static final String OF_INTERFACE = "interface";

    private MasqueradeText() {}

    /** The rule as a line that is read back as this rule. */
    public static String line(MasqueradeRule rule) {
        StringBuilder line = new StringBuilder();
        line.append(RuleWords.protocolName(rule.protocol())).append(' ').append(rule.source());
        if (rule.sourcePort() != 0) {
            line.append(" sport ").append(rule.sourcePort());
        }
        if (rule.destination().length() > 0) {
            line.append(" to ").append(rule.destination());
        }
        IpAddress behind = rule.behind();
        line.append(" behind ").append(behind == null ? OF_INTERFACE : behind.toString());
        return line.toString();
    }

    /** Reads a line that has been split into words. */
    static MasqueradeRule parse(List<String> words, Names names) throws RuleFault {
        Iterator<String> rest = words.iterator();
        Draft draft = new Draft();
        draft.protocol = protocol(rest.next());
        if (!rest.hasNext()) {
            throw new RuleFault("the real servers' address or prefix is missing");
        }
        draft.source = RuleWords.prefix(rest.next());
        boolean hidden = false;
        while (rest.hasNext()) {
            String keyword = rest.next();
            if (!rest.hasNext()) {
                throw new RuleFault("nothing follows " + keyword);
            }
            String word = rest.next();
            switch (keyword) {
                case "sport" -> draft.sourcePort = port(word, draft.protocol, names);
                case "to" -> draft.destination = RuleWords.prefix(word);
                case "behind" -> {
                    draft.behind = word.equals(OF_INTERFACE) ? null : address(word);
                    hidden = true;
                }
                default -> throw new RuleFault(keyword + " is not one of: sport, to, behind");
            }
        }
        if (!hidden) {
            throw new RuleFault("a rule needs an address, or interface, after \"behind\"");
        }
        return draft.rule();
    }

    static int protocol(String word) throws RuleFault {
        int protocol = RuleWords.protocol(word);
        if (protocol == ServiceId.SCTP) {
            throw new RuleFault("weir masquerades tcp and udp, not sctp");
        }
        return protocol;
    }

    static int port(String word, int protocol, Names names) throws RuleFault {
        int port = RuleWords.port(word, protocol, names);
        if (port == 0) {
            throw new RuleFault("nothing comes from port 0; leave the port out for all of them");
        }
        return port;
    }

    static IpAddress address(String word) throws RuleFault {
        IpAddress address = IpAddress.parse(word);
        if (address == null || (address.high() == 0 && address.low() == 0)) {
            throw new RuleFault(word + " is not one address of this host; weir takes just one");
        }
        return address;
    }

    /** What has been read of a rule. */
    static final class Draft {
        int protocol;
        int sourcePort;
        @Nullable Prefix source;
        @Nullable Prefix destination;
        @Nullable IpAddress behind;

        MasqueradeRule rule() throws RuleFault {
            Prefix from = source;
            if (from == null || from.length() == 0) {
                throw new RuleFault("say whose connections are meant: the real servers' prefix");
            }
            boolean ipv6 = from.network().ipv6();
            Prefix to = destination == null ? Prefix.any(ipv6) : destination;
            IpAddress hide = behind;
            if (to.network().ipv6() != ipv6 || (hide != null && hide.ipv6() != ipv6)) {
                throw new RuleFault("the addresses are not all of the same family");
            }
            return new MasqueradeRule(protocol, from, sourcePort, to, hide);
        }
    }
}
