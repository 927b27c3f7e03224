package io.weir.control.event;

import io.weir.control.config.ScriptConfig;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs the programs of a configuration that are told what happens, one after the other in the order
 * of the events, on a thread of their own.
 *
 * <p>What waits and how long a program may take is up to the {@link ProgramQueue}.
 */
public final class NotifyScripts implements EventSink {
    private final ProgramQueue programs;
    private volatile ScriptConfig scripts = ScriptConfig.NONE;

    /** Runs the programs in a queue. */
    public NotifyScripts(ProgramQueue programs) {
        this.programs = programs;
    }

    /** Takes other programs from the next event on. */
    public void configure(ScriptConfig changed) {
        scripts = changed;
    }

    @Override
    public void publish(Event event) {
        List<String> program = scripts.onEvent();
        if (!program.isEmpty()) {
            List<String> command = new ArrayList<>(program);
            command.addAll(EventText.arguments(event));
            programs.run(command, "event " + EventText.kind(event) + ' ' + event.state());
        }
    }

    /** The router has become active, or has ceased to be. */
    public void roleChanged(boolean active) {
        List<String> program = active ? scripts.onActive() : scripts.onStandby();
        if (!program.isEmpty()) {
            programs.run(program, active ? "active" : "standby");
        }
    }
}
