package io.weir.control.lvscf;

import io.weir.control.config.Configuration;
import io.weir.control.ipvsadm.Names;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.LvsCfNode.Block;
import io.weir.control.lvscf.LvsCfNode.Remark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a configuration back.
 *
 * <p>Both the file's configuration and the new one are written anew in the same way; what differs
 * between these two is changed in the file, and the rest of it stays. If the file cannot be brought
 * there line by line, as when blocks change their order, it is written anew under its first
 * comments.
 */
public final class LvsCfWriter {
    private LvsCfWriter() {}

    /** The file cannot be changed line by line. */
    private static final class NotByLines extends Exception {
        @java.io.Serial private static final long serialVersionUID = 1L;
    }

    /**
     * Writes a configuration anew.
     *
     * @param source what the document is called in messages
     * @throws IllegalArgumentException if the configuration holds what lvs.cf cannot say
     */
    public static LvsCfDocument write(String source, Configuration configuration) {
        return new LvsCfDocument(source, ConfigurationWriter.write(configuration), "\n");
    }

    /**
     * Changes a document so that it says another configuration; its serial number grows by one.
     *
     * @throws LvsCfException if the document cannot be read
     * @throws IllegalArgumentException if the configuration holds what lvs.cf cannot say
     */
    public static LvsCfDocument write(LvsCfDocument old, Configuration wanted, Names names)
            throws LvsCfException {
        return write(old, wanted, Surroundings.ofHost(names));
    }

    static LvsCfDocument write(LvsCfDocument old, Configuration wanted, Surroundings surroundings)
            throws LvsCfException {
        Configuration before =
                LvsCf.inspect(old.source(), old.text(), surroundings).configuration();
        int serial = before.serial() == Integer.MAX_VALUE ? 1 : before.serial() + 1;
        Configuration after = withSerial(wanted, serial);
        List<LvsCfNode> anew = ConfigurationWriter.write(after);
        try {
            LvsCfDocument changed =
                    merge(
                            old,
                            BlockPath.TOP,
                            BlockKind.GLOBAL,
                            ConfigurationWriter.write(before),
                            anew);
            if (LvsCf.inspect(old.source(), changed.text(), surroundings)
                    .configuration()
                    .equals(after)) {
                return changed;
            }
        } catch (NotByLines | LvsCfException | IllegalArgumentException e) {
            // Written anew below.
        }
        List<LvsCfNode> nodes = new ArrayList<>(firstRemarks(old));
        nodes.addAll(anew);
        return old.with(nodes);
    }

    static Configuration withSerial(Configuration from, int serial) {
        return new Configuration(
                serial,
                from.timeouts(),
                from.services(),
                from.localServices(),
                from.marks(),
                from.masquerade(),
                from.heartbeat(),
                from.vrrp(),
                from.syncGroups(),
                from.connectionSync(),
                from.push(),
                from.scripts());
    }

    private static List<LvsCfNode> firstRemarks(LvsCfDocument document) {
        return document.nodes().stream().takeWhile(Remark.class::isInstance).toList();
    }

    private static LvsCfDocument merge(
            LvsCfDocument document,
            BlockPath path,
            BlockKind kind,
            List<LvsCfNode> before,
            List<LvsCfNode> after)
            throws NotByLines {
        LvsCfDocument changed = keys(document, path, values(before), values(after));
        Map<BlockPath, Block> blocksBefore = blocks(path, before);
        Map<BlockPath, Block> blocksAfter = blocks(path, after);
        if (kind == BlockKind.SERVER || kind == BlockKind.FAILOVER) {
            return checks(changed, path, blocksBefore, blocksAfter);
        }
        for (BlockPath gone : blocksBefore.keySet()) {
            if (!blocksAfter.containsKey(gone)) {
                changed = LvsCfEdit.removeBlock(changed, gone);
            }
        }
        for (Map.Entry<BlockPath, Block> entry : blocksAfter.entrySet()) {
            BlockPath inner = entry.getKey();
            Block block = entry.getValue();
            Block was = blocksBefore.get(inner);
            if (was != null && was.lines().equals(block.lines())) {
                continue;
            }
            BlockKind innerKind = BlockKind.of(block.type());
            if (innerKind == null) {
                throw new NotByLines();
            }
            // One that is not active has been there before without counting.
            boolean there = was != null || LvsCfEdit.exists(changed, inner);
            changed =
                    there
                            ? merge(
                                    changed,
                                    inner,
                                    innerKind,
                                    was == null ? List.of() : was.nodes(),
                                    block.nodes())
                            : LvsCfEdit.addBlock(changed, path, block);
        }
        return changed;
    }

    private static LvsCfDocument keys(
            LvsCfDocument document,
            BlockPath path,
            Map<String, List<List<String>>> before,
            Map<String, List<List<String>>> after) {
        Set<String> all = new LinkedHashSet<>(before.keySet());
        all.addAll(after.keySet());
        LvsCfDocument changed = document;
        for (String key : all) {
            List<List<String>> wanted = after.getOrDefault(key, List.of());
            if (wanted.equals(before.getOrDefault(key, List.of()))) {
                continue;
            }
            if (wanted.size() == 1) {
                changed = LvsCfEdit.set(changed, path, key, wanted.getFirst());
                continue;
            }
            changed = LvsCfEdit.remove(changed, path, key);
            for (List<String> values : wanted) {
                changed = LvsCfEdit.add(changed, path, key, values);
            }
        }
        return changed;
    }

    /** Puts the checks of a server in the place of all that its block says of checks. */
    private static LvsCfDocument checks(
            LvsCfDocument document,
            BlockPath path,
            Map<BlockPath, Block> before,
            Map<BlockPath, Block> after) {
        if (lines(before).equals(lines(after))) {
            return document;
        }
        LvsCfDocument changed =
                LvsCfEdit.change(
                        document,
                        path,
                        nodes -> nodes.stream().filter(node -> !(node instanceof Block)).toList());
        for (String key : List.of("send", "expect", "send_program")) {
            changed = LvsCfEdit.remove(changed, path, key);
        }
        for (Block block : after.values()) {
            changed = LvsCfEdit.addBlock(changed, path, block);
        }
        return changed;
    }

    private static List<String> lines(Map<BlockPath, Block> blocks) {
        return LvsCfNode.lines(List.copyOf(blocks.values()));
    }

    private static Map<String, List<List<String>>> values(List<LvsCfNode> nodes) {
        Map<String, List<List<String>>> values = new LinkedHashMap<>();
        for (LvsCfNode node : nodes) {
            if (node instanceof Assignment each) {
                values.computeIfAbsent(each.key(), any -> new ArrayList<>()).add(each.values());
            }
        }
        return values;
    }

    private static Map<BlockPath, Block> blocks(BlockPath path, List<LvsCfNode> nodes) {
        Map<BlockPath, Block> blocks = new LinkedHashMap<>();
        Map<BlockPath, Integer> seen = new HashMap<>();
        for (LvsCfNode node : nodes) {
            if (node instanceof Block block) {
                int which = seen.merge(path.in(block.type(), block.name()), 1, Integer::sum) - 1;
                blocks.put(path.in(block.type(), block.name(), which), block);
            }
        }
        return blocks;
    }
}
