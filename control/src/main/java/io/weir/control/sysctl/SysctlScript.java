package io.weir.control.sysctl;

import io.weir.dataplane.service.Sysctl;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Assignments of settings that take effect as a whole or not at all: every one is checked before
 * the first is made.
 *
 * <p>Text is read as sysctl.conf(5) has it: lines {@code NAME = VALUE}, comments behind a hash or a
 * semicolon at their beginning, and a dash before a name whose refusal is no mistake. Settings that
 * are not of net.ipv4.vs are the kernel's and left out, so that /etc/sysctl.conf can be read as it
 * is.
 */
public final class SysctlScript {
    private static final int MAX_SHOWN = 200;
    private static final String WAY_OUT = "; leave the line out or put a - before it";

    private final List<Assignment> assignments = new ArrayList<>();
    private int foreign;

    private SysctlScript() {}

    /**
     * An assignment that is in force once the script was applied.
     *
     * @param name below net.ipv4.vs
     * @param value as it was written, without blanks around it
     */
    public record Assignment(String name, String value) {}

    /** Takes a setting's new value, as the balancer does; false if it refuses. */
    @FunctionalInterface
    public interface Target {
        boolean set(Sysctl sysctl, long value);
    }

    /** Nothing to set. */
    public static SysctlScript empty() {
        return new SysctlScript();
    }

    /**
     * Reads the lines of a file.
     *
     * @param source where they come from, for messages; a file's name as the operator wrote it
     * @throws SysctlException naming the first line that is wrong
     */
    public static SysctlScript read(String source, String text) throws SysctlException {
        SysctlScript script = new SysctlScript();
        int number = 0;
        for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
            String line = lines.next().strip();
            number++;
            if (!line.isEmpty() && line.charAt(0) != '#' && line.charAt(0) != ';') {
                script.add(source + ':' + number + ": " + printable(line) + ": ", line);
            }
        }
        return script;
    }

    private void add(String place, String line) throws SysctlException {
        boolean optional = line.startsWith("-");
        String assignment = optional ? line.substring(1) : line;
        int equals = assignment.indexOf('=');
        String name = (equals < 0 ? assignment : assignment.substring(0, equals)).strip();
        if (SettingName.isForeign(name)) {
            foreign++;
        } else if (equals >= 0) {
            String refusal = assign(name, assignment.substring(equals + 1).strip());
            if (refusal != null && !optional) {
                throw new SysctlException(place + refusal + WAY_OUT);
            }
        } else if (!optional) {
            // A name behind a dash alone tells systemd-sysctl what to leave out.
            throw new SysctlException(place + "a line has to be of the form NAME = VALUE");
        }
    }

    private @Nullable String assign(String name, String value) {
        String local = SettingName.local(name);
        String refusal = Sysctl.refusal(local, value);
        if (refusal == null) {
            assignments.add(new Assignment(local, value));
            return null;
        }
        return printable(refusal);
    }

    /**
     * Reads one assignment of a command line.
     *
     * @param word of the form NAME=VALUE
     * @throws SysctlException if it is refused
     */
    public void add(String word) throws SysctlException {
        int equals = word.indexOf('=');
        if (equals <= 0) {
            throw new SysctlException(printable(word) + " is not of the form NAME=VALUE");
        }
        String name = word.substring(0, equals).strip();
        if (SettingName.isForeign(name)) {
            throw new SysctlException(foreignText(name));
        }
        String refusal = assign(name, word.substring(equals + 1).strip());
        if (refusal != null) {
            throw new SysctlException(refusal);
        }
    }

    /** What to say of a name outside of net.ipv4.vs. */
    public static String foreignText(String name) {
        return printable(name) + " is not one of net.ipv4.vs but the kernel's; use sysctl for it";
    }

    /** The assignments in their order; a later one of the same setting counts. */
    public List<Assignment> assignments() {
        return List.copyOf(assignments);
    }

    /** How many lines set something outside of net.ipv4.vs and were left out. */
    public int foreign() {
        return foreign;
    }

    /** Makes all assignments in their order. Settings with one value only have it already. */
    public void applyTo(Target target) {
        for (Assignment assignment : assignments) {
            Sysctl sysctl = Sysctl.named(assignment.name());
            if (sysctl != null && !target.set(sysctl, sysctl.parse(assignment.value()))) {
                throw new IllegalStateException(assignment + " was refused after all");
            }
        }
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), MAX_SHOWN + 3));
        for (int i = 0; i < Math.min(text.length(), MAX_SHOWN); i++) {
            char c = text.charAt(i);
            printable.append(Character.isISOControl(c) ? '?' : c);
        }
        return printable.append(text.length() > MAX_SHOWN ? "..." : "").toString();
    }
}
