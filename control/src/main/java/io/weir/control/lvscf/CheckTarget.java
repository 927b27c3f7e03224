package io.weir.control.lvscf;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;

import java.time.Duration;

/**
 * Whom the checks of one server ask, unless they say otherwise.
 *
 * @param port 0 if there is none
 * @param virtualPort the port of the virtual service, which decides about nanny's own question
 * @param protocol of the service
 * @param reentry what re-entry time 0 stands for; zero for the length of an interval
 * @param service what they are checked for
 * @param method how the service reaches them
 */
record CheckTarget(
        IpAddress address,
        int port,
        int virtualPort,
        int protocol,
        Duration reentry,
        ServiceId service,
        ForwardingMethod method) {}
