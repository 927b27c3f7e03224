package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Rules in the format of ipvsadm-save that take effect as a whole or not at all: every line is read
 * before the first is carried out, and a refusal takes back the lines before it.
 *
 * <p>Empty lines and those whose first character but blanks is {@code #} are comments. A line holds
 * a command that changes rules or timeouts: -A -E -D -C -a -e -d --set.
 */
public final class RuleScript {
    private static final int MAX_SHOWN = 200;

    private final String source;
    private final List<Rule> rules;

    private RuleScript(String source, List<Rule> rules) {
        this.source = source;
        this.rules = List.copyOf(rules);
    }

    private record Rule(int line, String text, Invocation invocation) {}

    /**
     * Reads rules; nothing has any effect yet.
     *
     * @param source where they come from, for messages; a file's name as the operator wrote it
     * @throws RuleScriptException naming the first line that is wrong
     */
    public static RuleScript read(String source, String text, Names names)
            throws RuleScriptException {
        List<Rule> rules = new ArrayList<>();
        int number = 0;
        for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
            String line = lines.next();
            number++;
            List<String> words = RestoreInput.words(line);
            if (words.isEmpty() || words.getFirst().startsWith("#")) {
                continue;
            }
            String shown = String.join(" ", words);
            rules.add(new Rule(number, shown, parse(source, number, words, names)));
        }
        return new RuleScript(source, rules);
    }

    private static Invocation parse(String source, int line, List<String> words, Names names)
            throws RuleScriptException {
        String fault;
        try {
            Invocation rule = InvocationParser.parse(words, names);
            if (RuleChange.is(rule.command())) {
                return rule;
            }
            fault = "only -A, -E, -D, -C, -a, -e, -d and --set can stand in rules";
        } catch (UsageException e) {
            fault =
                    e.isHint()
                            ? "a line has to begin with a command such as -A or -a"
                            : e.text().strip();
        }
        throw fault(source, line, String.join(" ", words), fault, UsageException.FAULT);
    }

    private static RuleScriptException fault(
            String source, int line, String text, String what, int exitCode) {
        return new RuleScriptException(
                source + ':' + line + ": " + printable(text) + ": " + printable(what), exitCode);
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_SHOWN + 3));
        for (int i = 0; i < Math.min(text.length(), MAX_SHOWN); i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? '?' : c);
        }
        return printable.append(text.length() > MAX_SHOWN ? "..." : "").toString();
    }

    /** The same with the command -C before it. */
    RuleScript clearingFirst() throws RuleScriptException {
        List<Rule> all = new ArrayList<>(rules);
        all.addFirst(new Rule(0, "-C", parse(source, 0, List.of("-C"), Names.NONE)));
        return new RuleScript(source, all);
    }

    /** The number of commands. */
    public int size() {
        return rules.size();
    }

    /**
     * Carries out all commands in their order.
     *
     * @throws RuleScriptException naming the first that was refused, after all were taken back
     */
    public void applyTo(Administration administration) throws RuleScriptException {
        RuleTransaction transaction = new RuleTransaction(administration);
        for (Rule rule : rules) {
            RuleResult result = transaction.apply(rule.invocation());
            if (result != RuleResult.DONE) {
                transaction.rollBack();
                String refusal = RuleChange.refusal(rule.invocation().command(), result);
                throw fault(source, rule.line(), rule.text(), refusal, UsageException.FAILURE);
            }
        }
    }
}
