package io.weir.control.router;

import io.weir.control.Balancer;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.mark.MarkRule;
import io.weir.dataplane.mark.MarkTable;
import io.weir.dataplane.masquerade.MasqueradeRule;
import io.weir.dataplane.masquerade.MasqueradeTable;
import io.weir.dataplane.service.Administration;

import java.util.List;

/** A balancer in memory, whose host may refuse. */
final class PlainBalancer implements RouterBalancer, AutoCloseable {
    private final Balancer balancer = Balancer.builder().connections(64).build();
    boolean hostRefuses;

    /** The table when packets could first come; empty until then. */
    String atFirstChange = "";

    String shown() {
        return balancer.ipvsadm("-Ln").output();
    }

    Balancer balancer() {
        return balancer;
    }

    @Override
    public Administration administration() {
        return balancer.administration();
    }

    @Override
    public <X extends Exception> void change(Work<X> work) throws X, SteeringException {
        work.run();
        if (atFirstChange.isEmpty()) {
            atFirstChange = shown();
        }
        if (hostRefuses) {
            hostRefuses = false;
            throw new SteeringException("the host refuses");
        }
    }

    @Override
    public List<MarkRule> marks() {
        return balancer.administration().marks();
    }

    @Override
    public void setMarks(MarkTable table) {
        balancer.administration().setMarks(table);
    }

    @Override
    public List<MasqueradeRule> masquerading() {
        return balancer.administration().masquerading();
    }

    @Override
    public void setMasquerading(MasqueradeTable table) {
        balancer.administration().setMasquerading(table);
    }

    @Override
    public void close() {
        balancer.close();
    }
}
