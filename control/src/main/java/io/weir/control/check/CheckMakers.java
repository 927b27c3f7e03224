package io.weir.control.check;

import io.netty.channel.EventLoop;
import io.weir.control.check.probe.LoadAnswer;
import io.weir.control.check.probe.LoadRunner;
import io.weir.control.check.probe.ProbeRunner;
import io.weir.control.check.probe.ProbeRunners;
import io.weir.control.check.through.ThroughService;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.LoadConfig;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServiceId;

import java.util.function.Consumer;

/**
 * Who asks the real servers.
 *
 * @param close ends what they still have running
 */
record CheckMakers(Probes probes, Loads loads, Runnable close) {
    /** Who makes a check; parameters as in {@link ProbeRunners#runner}. */
    @FunctionalInterface
    interface Probes {
        ProbeRunner runner(
                ServiceId service, ServerId server, ForwardingMethod method, CheckConfig check);
    }

    /** Asks for a load; parameters as in {@link LoadRunner#start}. */
    @FunctionalInterface
    interface Loads {
        ProbeRunner.Attempt start(
                LoadConfig load, ServerId server, EventLoop loop, Consumer<LoadAnswer> answer);
    }

    /** All of them, with checks going the way that each is to go. */
    static CheckMakers of(ProbeRunners runners) {
        ThroughService through = new ThroughService();
        return new CheckMakers(
                (service, server, method, check) -> {
                    ProbeRunner direct = runners.runner(service, server, method, check);
                    return switch (check.path()) {
                        case DIRECT -> direct;
                        case THROUGH_SERVICE -> through.runner(service, server, method, direct);
                    };
                },
                runners.loads()::start,
                () -> {
                    runners.close();
                    through.close();
                });
    }
}
