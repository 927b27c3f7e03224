package io.weir.control.router;

import io.weir.control.mark.MarkEditor;
import io.weir.control.masquerade.MasqueradeEditor;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.service.Administration;

/** The balancer whose services a router keeps. Any thread. */
public interface RouterBalancer extends MarkEditor.Store, MasqueradeEditor.Store {
    Administration administration();

    /**
     * Does work that changes many rules at once; when this returns, the host is out of the way of
     * all of them.
     *
     * @throws SteeringException if the kernel refuses that; the rules have changed even so
     */
    <X extends Exception> void change(Work<X> work) throws X, SteeringException;

    /** Changes of rules. */
    @FunctionalInterface
    interface Work<X extends Exception> {
        void run() throws X;
    }
}
