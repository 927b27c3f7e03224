package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

/** Single rules as ipvsadm-save writes them, in numbers. */
public final class RuleLines {
    private static final SaveFormat FORMAT = new SaveFormat(Names.NONE, true);

    private RuleLines() {}

    /** The rule that adds a virtual service. */
    public static String service(ServiceId id, ServiceSettings settings) {
        return FORMAT.service(id, settings);
    }

    /** The rule that adds a real server to one. */
    public static String server(ServiceId service, ServerId id, ServerSettings settings) {
        return FORMAT.server(service, id, settings);
    }
}
