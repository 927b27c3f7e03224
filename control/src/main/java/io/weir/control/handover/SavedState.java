package io.weir.control.handover;

import io.weir.control.check.ServerHealth;

import java.util.List;

/**
 * What a process has left.
 *
 * @param health of real servers
 * @param connections messages of {@link io.weir.dataplane.director.SavedConnections}
 */
public record SavedState(List<ServerHealth> health, List<byte[]> connections) {
    /** Nothing was left, or nothing that can be used. */
    public static final SavedState NONE = new SavedState(List.of(), List.of());

    public SavedState {
        health = List.copyOf(health);
        connections = List.copyOf(connections);
    }
}
