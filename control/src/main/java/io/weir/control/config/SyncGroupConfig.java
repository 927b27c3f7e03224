package io.weir.control.config;

import java.util.List;

/**
 * Virtual routers that are active together or not at all.
 *
 * @param instances the names of {@link VrrpInstanceConfig}s
 */
public record SyncGroupConfig(String name, List<String> instances) {
    public SyncGroupConfig {
        instances = List.copyOf(instances);
    }
}
