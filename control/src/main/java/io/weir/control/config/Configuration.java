package io.weir.control.config;

import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.service.Timeouts;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The whole of what one router is told.
 *
 * @param serial counts the changes, so that two routers can tell whose configuration is newer
 * @param timeouts changes of the connections' timeouts; a 0 leaves one as it is
 * @param services every virtual service that is to run, each with its own id
 * @param localServices what runs on the active router itself, beside or instead of balancing
 * @param marks the rules that the services' firewall marks need, in order
 * @param masquerade the rules that hide connections which real servers open, in order
 * @param heartbeat the pair by Piranha's heartbeat, null without one
 * @param vrrp the virtual routers of which this one is a part, empty without VRRP
 * @param syncGroups virtual routers that change their state together
 * @param connectionSync connections are told to the partner, null if they are not
 * @param push the partner gets this configuration, null if it does not
 * @param scripts programs that are told what happens
 */
public record Configuration(
        int serial,
        Timeouts timeouts,
        List<ServiceConfig> services,
        List<LocalServiceConfig> localServices,
        List<MarkRule> marks,
        List<MasqueradeRule> masquerade,
        @Nullable HeartbeatConfig heartbeat,
        List<VrrpInstanceConfig> vrrp,
        List<SyncGroupConfig> syncGroups,
        @Nullable ConnectionSyncConfig connectionSync,
        @Nullable PushConfig push,
        ScriptConfig scripts) {
    public static final Configuration EMPTY =
            new Configuration(
                    0,
                    new Timeouts(0, 0, 0),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    List.of(),
                    List.of(),
                    null,
                    null,
                    ScriptConfig.NONE);

    public Configuration {
        services = List.copyOf(services);
        localServices = List.copyOf(localServices);
        marks = List.copyOf(marks);
        masquerade = List.copyOf(masquerade);
        vrrp = List.copyOf(vrrp);
        syncGroups = List.copyOf(syncGroups);
    }
}
