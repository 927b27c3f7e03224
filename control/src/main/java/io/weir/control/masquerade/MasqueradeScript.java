package io.weir.control.masquerade;

import io.weir.control.ipvsadm.Names;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.RuleFault;
import io.weir.control.mark.RuleReader;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;

import java.util.List;

/**
 * Reads masquerading rules: {@link MasqueradeText weir's own}, and those of the chain POSTROUTING
 * of the table nat.
 */
public final class MasqueradeScript implements RuleReader.Dialect<MasqueradeRule> {
    private final Names names;

    private MasqueradeScript(Names names) {
        this.names = names;
    }

    /**
     * Reads rules; nothing has any effect yet.
     *
     * @param source where they come from, for messages; a file's name as the operator wrote it
     * @throws MarkException naming the first line that is wrong
     */
    public static MasqueradeTable read(String source, String text, Names names)
            throws MarkException {
        return new MasqueradeTable(RuleReader.read(source, text, new MasqueradeScript(names)));
    }

    @Override
    public String table() {
        return "nat";
    }

    @Override
    public String chain() {
        return "POSTROUTING";
    }

    @Override
    public int capacity() {
        return MasqueradeTable.CAPACITY;
    }

    @Override
    public List<MasqueradeRule> own(List<String> words) throws RuleFault {
        return List.of(MasqueradeText.parse(words, names));
    }

    @Override
    public List<MasqueradeRule> iptables(List<String> words, boolean ipv6) throws RuleFault {
        return List.of(IptablesSourceRule.parse(words, names));
    }
}
