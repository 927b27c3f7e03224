package io.weir.control.mark;

import io.weir.control.ipvsadm.Names;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;

import java.util.List;

/**
 * Reads mark rules: {@link MarkText weir's own}, and those of the chain PREROUTING of the table
 * mangle.
 */
public final class MarkScript implements RuleReader.Dialect<MarkRule> {
    private final Names names;

    private MarkScript(Names names) {
        this.names = names;
    }

    /**
     * Reads rules; nothing has any effect yet.
     *
     * @param source where they come from, for messages; a file's name as the operator wrote it
     * @throws MarkException naming the first line that is wrong
     */
    public static List<MarkRule> read(String source, String text, Names names)
            throws MarkException {
        return RuleReader.read(source, text, new MarkScript(names));
    }

    @Override
    public String table() {
        return "mangle";
    }

    @Override
    public String chain() {
        return "PREROUTING";
    }

    @Override
    public int capacity() {
        return MarkTable.CAPACITY;
    }

    @Override
    public List<MarkRule> own(List<String> words) throws RuleFault {
        return MarkText.parse(words, names);
    }

    @Override
    public List<MarkRule> iptables(List<String> words, boolean ipv6) throws RuleFault {
        return IptablesRule.parse(words, ipv6, names);
    }
}
