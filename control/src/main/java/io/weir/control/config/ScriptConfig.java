package io.weir.control.config;

import java.util.List;

/**
 * Programs that are told what happens; each a program and its arguments, empty for none.
 *
 * @param onActive runs when the router becomes active
 * @param onStandby runs when it ceases to be
 * @param onEvent runs at every event, with the event's words as arguments
 */
public record ScriptConfig(List<String> onActive, List<String> onStandby, List<String> onEvent) {
    public static final ScriptConfig NONE = new ScriptConfig(List.of(), List.of(), List.of());

    public ScriptConfig {
        onActive = List.copyOf(onActive);
        onStandby = List.copyOf(onStandby);
        onEvent = List.copyOf(onEvent);
    }
}
