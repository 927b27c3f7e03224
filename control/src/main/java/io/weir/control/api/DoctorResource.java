package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.control.doctor.Doctor;
import io.weir.control.doctor.Finding;
import io.weir.control.doctor.HostPatient;
import io.weir.control.doctor.Patient.WorkerState;
import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.control.router.ConfiguredRouter;
import io.weir.control.router.RouterRefusal;
import io.weir.control.router.RouterReport;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** GET /v1/doctor: what is wrong with this machine as a director, and how to mend it. */
final class DoctorResource {
    private final ApiBackend backend;

    DoctorResource(ApiBackend backend) {
        this.backend = backend;
    }

    void examine(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        List<Finding> findings = Doctor.examine(patient());
        boolean text = DaemonResource.wantsText(request);
        DaemonResource.answer(request, body, text ? Doctor.text(findings) : findings);
    }

    private HostPatient patient() throws Problem.ProblemException {
        Role role = Role.ACTIVE;
        List<Failover.Status> partners = List.of();
        ConfiguredRouter router = backend.router();
        if (router != null) {
            try {
                RouterReport report = router.router().report();
                role = report.role();
                partners = report.instances();
            } catch (RouterRefusal e) {
                throw new Problem.ProblemException(503, String.valueOf(e.getMessage()));
            }
        }
        Map<String, String> ports =
                backend.view().ports().stream()
                        .filter(BalancerView.Port::attached)
                        .collect(Collectors.toMap(BalancerView.Port::name, DoctorResource::io));
        return new HostPatient(
                backend.view().network(),
                ports,
                backend.view().workers().stream()
                        .map(
                                worker ->
                                        new WorkerState(
                                                worker.cpu(),
                                                worker.priority().equals("realtime"),
                                                worker.times().busyShare()))
                        .toList(),
                backend.administration().services(),
                role,
                partners.stream().filter(status -> !status.isAlone()).toList());
    }

    private static String io(BalancerView.Port port) {
        return port.ioDetail().isEmpty() ? port.io() : port.io() + ": " + port.ioDetail();
    }
}
