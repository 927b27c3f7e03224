package io.weir.control.check;

import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

/** What names a real server of one virtual service over all changes of configuration. */
public record ServerKey(ServiceId service, ServerId server) {}
