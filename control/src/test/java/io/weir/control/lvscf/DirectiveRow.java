package io.weir.control.lvscf;

import io.weir.control.config.Configuration;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A few lines of one kind of block, and what comes of them.
 *
 * @param kind where they stand
 * @param type of a check block
 * @param lines what stands there
 * @param view what to look at in the configuration; null of a row that is refused
 * @param expected what is seen there; of a row that is refused, the message behind the line number
 */
record DirectiveRow(
        BlockKind kind,
        String type,
        String lines,
        @Nullable Function<Configuration, Object> view,
        Object expected) {
    /** The key of the first line. */
    String key() {
        return lines.split(" ", 2)[0];
    }

    static DirectiveRow has(
            BlockKind kind, String lines, Function<Configuration, Object> view, Object expected) {
        return new DirectiveRow(kind, "tcp", lines, view, expected);
    }

    static DirectiveRow refused(BlockKind kind, String lines, String message) {
        return new DirectiveRow(kind, "tcp", lines, null, message);
    }

    DirectiveRow inCheck(String other) {
        return new DirectiveRow(kind, other, lines, view, expected);
    }

    /** The lines in a file that is good without them. */
    String text() {
        List<String> text = new ArrayList<>();
        if (kind == BlockKind.GLOBAL) {
            text.add(lines);
            if (lines.startsWith("vrrp =") || lines.startsWith("sync_vrrp")) {
                block(text, "vrrp one", "interface = eth0", "virtual_router_id = 1");
            }
        }
        if (kind == BlockKind.VRRP || kind == BlockKind.SYNC_GROUP) {
            block(text, "vrrp one", "interface = eth0", "virtual_router_id = 1", other("priority"));
        }
        if (kind == BlockKind.SYNC_GROUP) {
            block(text, "vrrp_sync_group all", lines);
        }
        if (kind == BlockKind.FAILOVER) {
            text.add("service = fos");
            text.add("primary = 192.0.2.11");
            block(
                    text,
                    "failover local",
                    "active = 1",
                    "address = 192.0.2.9 eth0:9",
                    "start_cmd = /bin/start",
                    "stop_cmd = /bin/stop",
                    lines);
        }
        text.add("virtual web {");
        inside(text, BlockKind.VIRTUAL, "active = 1", "address = 192.0.2.1 eth0:1");
        text.add("server a {");
        inside(text, BlockKind.SERVER, "active = 1", "address = 10.0.0.1");
        if (kind == BlockKind.CHECK) {
            block(text, "check " + type, lines);
        }
        text.add("}");
        text.add("}");
        return String.join("\n", text) + "\n";
    }

    private String other(String key) {
        return kind == BlockKind.VRRP ? lines : key + " = 100";
    }

    private void inside(List<String> text, BlockKind here, String... defaults) {
        for (String each : defaults) {
            if (kind != here || !has(each.split(" ", 2)[0])) {
                text.add(each);
            }
        }
        if (kind == here) {
            text.add(lines);
        }
    }

    private boolean has(String key) {
        return lines.lines().anyMatch(line -> line.startsWith(key + " "));
    }

    private void block(List<String> text, String head, String... inside) {
        text.add(head + " {");
        for (String each : inside) {
            boolean replaced =
                    !each.equals(lines) && kind != BlockKind.GLOBAL && has(each.split(" ", 2)[0]);
            if (!replaced) {
                text.add(each);
            }
        }
        text.add("}");
    }

    @Override
    public String toString() {
        return kind + " " + lines.replace('\n', ';') + " -> " + Objects.toString(expected);
    }
}
