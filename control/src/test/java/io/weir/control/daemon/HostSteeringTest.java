package io.weir.control.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.control.api.FakeBalancer;
import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.io.TrafficSteering;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

class HostSteeringTest {
    private static final ServiceId SERVICE =
            ServiceId.of(ServiceId.TCP, Objects.requireNonNull(IpAddress.parse("10.0.0.1")), 80);
    private static final Endpoint VIRTUAL = new Endpoint(ServiceId.TCP, SERVICE.address(), 80);
    private static final ServerId SERVER =
            new ServerId(Objects.requireNonNull(IpAddress.parse("10.0.1.1")), 8080);
    private static final ServerId OTHER = new ServerId(SERVER.address(), 8081);
    private static final Endpoint REPLY = new Endpoint(ServiceId.TCP, SERVER.address(), 8080);

    /** Remembers what it was told, or refuses. */
    private static final class Kernel implements TrafficSteering {
        private final List<SteeringRules> updates = new ArrayList<>();
        private final List<Set<Endpoint>> added = new ArrayList<>();
        private boolean refusing;

        @Override
        public void update(SteeringRules rules) throws SteeringException {
            if (refusing) {
                throw new SteeringException("no room");
            }
            updates.add(rules);
        }

        @Override
        public void add(Set<Endpoint> serverEndpoints) throws SteeringException {
            if (refusing) {
                throw new SteeringException("no room");
            }
            added.add(serverEndpoints);
        }

        @Override
        public long takenPackets() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private final Kernel kernel = new Kernel();
    private SteeringRules changed = null;
    private final HostSteering steering = new HostSteering(kernel, this::takeChange);

    private SteeringRules takeChange() {
        SteeringRules taken = changed;
        changed = null;
        return taken;
    }

    private static SteeringRules rules(Set<Endpoint> servers) {
        return new SteeringRules(Set.of(VIRTUAL), servers);
    }

    @Test
    void onlyChangesReachTheKernel() throws Exception {
        steering.settle();
        changed = rules(Set.of());
        steering.afterChange();
        steering.settle();
        assertThat(kernel.updates).containsExactly(rules(Set.of()));
    }

    @Test
    void aBatchReachesTheKernelAtItsEnd() throws Exception {
        steering.batch(
                () -> {
                    changed = rules(Set.of());
                    steering.afterChange();
                    assertThat(kernel.updates).isEmpty();
                    return 0;
                });
        steering.settle();
        assertThat(kernel.updates).hasSize(1);
    }

    @Test
    void aRefusalIsTriedAgain() throws Exception {
        kernel.refusing = true;
        changed = rules(Set.of());
        assertThatThrownBy(steering::afterChange).hasMessage("no room");
        assertThatThrownBy(steering::settle).hasMessage("no room");
        kernel.refusing = false;
        steering.settle();
        steering.settle();
        assertThat(kernel.updates).containsExactly(rules(Set.of()));
    }

    @Test
    void theKernelKnowsANatServerOfALiveServiceBeforeTheBalancerDoes() throws Exception {
        changed = rules(Set.of());
        steering.settle();
        Recorder balancer = new Recorder();
        SteeredAdministration administration = new SteeredAdministration(balancer, steering);
        administration.addServer(SERVICE, SERVER, settings(ForwardingMethod.MASQUERADE));
        assertThat(balancer.knownToKernel).containsExactly(true);
        administration.editServer(SERVICE, SERVER, settings(ForwardingMethod.MASQUERADE));
        assertThat(kernel.updates).containsExactly(rules(Set.of()));
        assertThat(kernel.added).containsExactly(Set.of(REPLY));
    }

    @Test
    void theKernelKnowsANatServerOfALiveMarkFirstToo() throws Exception {
        ServiceId mark = ServiceId.ofMark(21, false);
        MarkRule rule = MarkRule.of(0, Prefix.any(false), 21, 21, 21);
        MarkedTraffic traffic = new MarkedTraffic(List.of(rule), Set.of(21), Set.of());
        changed = new SteeringRules(Set.of(), Set.of(), traffic);
        steering.settle();
        Recorder balancer = new Recorder();
        SteeredAdministration administration = new SteeredAdministration(balancer, steering);
        administration.addServer(mark, SERVER, settings(ForwardingMethod.MASQUERADE));
        assertThat(balancer.knownToKernel).containsExactly(true);
        assertThat(kernel.added).hasSize(1);
        administration.addServer(
                ServiceId.ofMark(22, false), OTHER, settings(ForwardingMethod.MASQUERADE));
        assertThat(kernel.updates).hasSize(1);
        assertThat(kernel.added).hasSize(1);
    }

    @Test
    void whatNeedsNoReplyOrHasNoTrafficIsLeftForTheEnd() throws Exception {
        SteeredAdministration administration = new SteeredAdministration(new Recorder(), steering);
        administration.addServer(SERVICE, SERVER, settings(ForwardingMethod.MASQUERADE));
        changed = rules(Set.of());
        steering.settle();
        administration.addServer(SERVICE, SERVER, settings(ForwardingMethod.ROUTE));
        assertThat(kernel.updates).containsExactly(rules(Set.of()));
    }

    @Test
    void aServerTheKernelHasNoRoomForIsNotAdded() throws Exception {
        changed = rules(Set.of());
        steering.settle();
        kernel.refusing = true;
        Recorder balancer = new Recorder();
        SteeredAdministration administration = new SteeredAdministration(balancer, steering);
        assertThat(administration.addServer(SERVICE, SERVER, settings(ForwardingMethod.MASQUERADE)))
                .isEqualTo(RuleResult.TOO_MANY);
        assertThat(balancer.knownToKernel).isEmpty();
    }

    private static ServerSettings settings(ForwardingMethod method) {
        return ServerSettings.of(method, 1);
    }

    /** Notes for each server whether the kernel took its replies already. */
    private final class Recorder extends FakeBalancer {
        private final List<Boolean> knownToKernel = new ArrayList<>();

        Recorder() {
            super(0);
        }

        @Override
        public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
            knownToKernel.add(kernel.added.stream().anyMatch(added -> added.contains(REPLY)));
            return RuleResult.DONE;
        }

        @Override
        public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
            return RuleResult.DONE;
        }
    }
}
