package io.weir.control.masquerade;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.RuleFault;
import io.weir.control.mark.RuleWords;
import io.weir.dataplane.masquerade.MasqueradeRule;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.List;

/**
 * The matches and the target of a rule that iptables appends to POSTROUTING, as far as weir can
 * honour them: {@code -p -s -d --sport -j MASQUERADE} or {@code -j SNAT --to-source}. Whatever else
 * stands there could make the rule match other packets, so it is refused.
 */
final class IptablesSourceRule {
    private static final String ONLY = "weir masquerades by -p, -s, -d and --sport";

    private final Names names;
    private final MasqueradeText.Draft draft = new MasqueradeText.Draft();
    private String target = "";
    private @Nullable String port;

    private IptablesSourceRule(Names names) {
        this.names = names;
    }

    /** Reads what follows the name of the chain. */
    static MasqueradeRule parse(List<String> words, Names names) throws RuleFault {
        IptablesSourceRule rule = new IptablesSourceRule(names);
        Iterator<String> rest = words.iterator();
        while (rest.hasNext()) {
            rule.option(rest.next(), rest);
        }
        return rule.finish();
    }

    private void option(String option, Iterator<String> rest) throws RuleFault {
        switch (option) {
            case "-p", "--protocol", "--proto" ->
                    draft.protocol = MasqueradeText.protocol(argument(option, rest));
            case "-s", "--source", "--src" ->
                    draft.source = RuleWords.prefix(argument(option, rest));
            case "-d", "--destination", "--dst" ->
                    draft.destination = RuleWords.prefix(argument(option, rest));
            case "--sport", "--source-port" -> port = argument(option, rest);
            case "--to-source" -> draft.behind = MasqueradeText.address(argument(option, rest));
            case "-m", "--match" -> match(argument(option, rest));
            case "--comment" -> argument(option, rest);
            case "-c", "--set-counters" -> {
                argument(option, rest);
                argument(option, rest);
            }
            case "-j", "--jump" -> target = argument(option, rest);
            case "-o", "--out-interface" ->
                    throw new RuleFault(
                            "weir masquerades on every way out; leave out -o, or give -d the"
                                    + " addresses behind that interface");
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
            case "tcp", "udp", "comment" -> {}
            default -> throw new RuleFault("weir cannot honour -m " + name + "; " + ONLY);
        }
    }

    private MasqueradeRule finish() throws RuleFault {
        switch (target) {
            case "MASQUERADE" -> {
                if (draft.behind != null) {
                    throw new RuleFault("--to-source belongs to -j SNAT");
                }
            }
            case "SNAT" -> {
                if (draft.behind == null) {
                    throw new RuleFault("-j SNAT needs --to-source ADDRESS");
                }
            }
            case "" -> throw new RuleFault("there is no -j MASQUERADE or -j SNAT");
            default ->
                    throw new RuleFault(
                            "weir cannot honour -j "
                                    + target
                                    + "; of this chain it takes MASQUERADE and SNAT alone");
        }
        String word = port;
        if (word != null) {
            if (draft.protocol == 0) {
                throw new RuleFault("a port needs a protocol before it: -p tcp or -p udp");
            }
            draft.sourcePort = MasqueradeText.port(word, draft.protocol, names);
        }
        return draft.rule();
    }
}
