package io.weir.control.lvscf;

import io.weir.control.ipvsadm.Names;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.mark.MarkException;
import io.weir.control.mark.MarkScript;
import io.weir.control.masquerade.MasqueradeScript;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads rules for marks and for masquerading that are written in lvs.cf, or in files it names. */
final class RuleKeys {
    private final Section global;
    private final Surroundings surroundings;

    RuleKeys(Section global, Surroundings surroundings) {
        this.global = global;
        this.surroundings = surroundings;
    }

    @FunctionalInterface
    private interface Reader<R> {
        List<R> read(String source, String text, Names names) throws MarkException;
    }

    /**
     * All mark rules; a later one overrides an earlier.
     *
     * @param ofBlocks those of virtual blocks
     */
    List<MarkRule> marks(List<MarkRule> ofBlocks) {
        List<MarkRule> rules = new ArrayList<>(ofBlocks);
        rules.addAll(given("mark_rule", "marks_file", MarkScript::read));
        if (rules.size() > MarkTable.CAPACITY) {
            global.fault(
                    "marks_file",
                    "there can be " + MarkTable.CAPACITY + " mark rules, not " + rules.size());
        }
        return rules;
    }

    List<MasqueradeRule> masquerade() {
        List<MasqueradeRule> rules =
                given(
                        "masquerade_rule",
                        "masquerade_file",
                        (source, text, names) ->
                                MasqueradeScript.read(source, text, names).rules());
        if (rules.size() > MasqueradeTable.CAPACITY) {
            global.fault(
                    "masquerade_file",
                    "there can be "
                            + MasqueradeTable.CAPACITY
                            + " masquerading rules, not "
                            + rules.size());
        }
        return rules;
    }

    private <R> List<R> given(String key, String fileKey, Reader<R> reader) {
        List<R> rules = new ArrayList<>();
        List<List<R>> inline =
                global.all(key, each -> read(reader, key, each.joined(), surroundings.names()));
        inline.forEach(rules::addAll);
        rules.addAll(global.read(fileKey, List.of(), each -> ofFile(reader, each)));
        return rules;
    }

    private <R> List<R> ofFile(Reader<R> reader, Assignment assignment) throws LvsCfFault {
        Path file = Values.path(assignment);
        try {
            String text = surroundings.files().read(file);
            return read(reader, file.toString(), text, surroundings.names());
        } catch (IOException e) {
            throw new LvsCfFault(String.valueOf(e.getMessage()));
        }
    }

    private static <R> List<R> read(Reader<R> reader, String source, String text, Names names)
            throws LvsCfFault {
        try {
            return reader.read(source, text, names);
        } catch (MarkException e) {
            // Of a rule in lvs.cf itself the line is known already.
            throw new LvsCfFault(e.text().replaceFirst("^[a-z]+_rule:1: ", ""));
        }
    }
}
