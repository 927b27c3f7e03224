package io.weir.control.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.control.failover.Failover;
import io.weir.control.failover.Role;
import io.weir.dataplane.net.Link;
import io.weir.dataplane.service.ForwardingMethod;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

/** Each mistake is found, and a machine without it is called healthy. */
final class DoctorTest {
    private final FakePatient patient = new FakePatient();

    private void assertFinds(Finding.Severity severity, String subject, String words) {
        assertThat(Doctor.examine(patient))
                .as("%s", Doctor.examine(patient))
                .anySatisfy(
                        finding -> {
                            assertThat(finding.severity()).isEqualTo(severity);
                            assertThat(finding.subject()).isEqualTo(subject);
                            assertThat(finding.what() + " -> " + finding.remedy()).contains(words);
                        });
    }

    private void assertHealthy() {
        List<Finding> findings = Doctor.examine(patient);
        assertThat(findings)
                .allSatisfy(
                        finding ->
                                assertThat(finding.severity())
                                        .as("%s", finding)
                                        .isEqualTo(Finding.Severity.FINE));
        assertThat(findings).isNotEmpty();
        assertThat(Doctor.ill(findings)).isFalse();
    }

    @Test
    void aHealthyNatRouter() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 8080, 1000, 900);
        assertHealthy();
    }

    @Test
    void aHealthyDirectRouter() {
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 80, 1000, 0);
        assertHealthy();
    }

    @Test
    void answersThatDoNotComeBack() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 8080, 10, 0);
        assertFinds(Finding.Severity.PROBLEM, "10.2.0.11:8080", "default via");
        assertThat(Doctor.ill(Doctor.examine(patient))).isTrue();
    }

    @Test
    void aFewPacketsProveNothing() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 8080, 9, 0);
        assertHealthy();
    }

    @Test
    void workersThatShareACpu() {
        patient.workers.clear();
        patient.workers.add(new Patient.WorkerState(0, false, 0.1));
        patient.workers.add(new Patient.WorkerState(1, false, 0.1));
        assertHealthy();
        patient.workers.add(new Patient.WorkerState(0, false, 0.1));
        assertFinds(Finding.Severity.WARNING, "workers", "3 take turns on 2 CPUs");
    }

    @Test
    void aWorkerThatHasNoTimeLeft() {
        patient.workers.add(new Patient.WorkerState(null, false, 0.97));
        assertFinds(Finding.Severity.WARNING, "workers", "worker 1 works 97 % of its time");
    }

    @Test
    void realTimeWorkersThatNobodyHolds() {
        patient.workers.set(0, new Patient.WorkerState(null, true, 0.5));
        assertHealthy();
        patient.proc.put("sys/kernel/sched_rt_runtime_us", "950000\n");
        assertHealthy();
        patient.proc.put("sys/kernel/sched_rt_runtime_us", "-1\n");
        assertFinds(Finding.Severity.WARNING, "workers", "kernel.sched_rt_runtime_us");
    }

    @Test
    void hugePagesThatAreOff() {
        patient.proc.put("self/smaps_rollup", "AnonHugePages:         0 kB\n");
        patient.sys.put("kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
        assertFinds(Finding.Severity.NOTE, "huge pages", "echo madvise");
    }

    @Test
    void hugePagesThatTheSystemHadNotLeft() {
        patient.proc.put("self/smaps_rollup", "AnonHugePages:         0 kB\n");
        patient.sys.put("kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
        assertFinds(Finding.Severity.NOTE, "huge pages", "compact_memory");
    }

    @Test
    void hugePagesAreFound() {
        assertFinds(Finding.Severity.FINE, "huge pages", "128 MiB");
    }

    @Test
    void aKernelThatDoesNotTellOfHugePages() {
        patient.proc.remove("self/smaps_rollup");
        assertHealthy();
    }

    @Test
    void forwardingThatIsOff() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 80, 1, 1);
        patient.proc.put("sys/net/ipv4/ip_forward", "0\n");
        assertFinds(Finding.Severity.WARNING, "net.ipv4.ip_forward", "=1");
    }

    @Test
    void forwardingDoesNotMatterToDirectRouting() {
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 80, 1, 0);
        patient.proc.put("sys/net/ipv4/ip_forward", "0\n");
        assertHealthy();
    }

    @Test
    void aRealServerThatAnswersArp() {
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 80, 1, 0);
        patient.arp.put("back 10.1.0.100", Set.of(0x0200000000bbL, FakePatient.OWN_MAC));
        assertFinds(Finding.Severity.PROBLEM, "10.1.0.100", "02:00:00:00:00:bb");
    }

    @Test
    void onAStandbyRouterTheActiveOneAnswersArp() {
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 80, 1, 0);
        patient.role = Role.STANDBY;
        patient.addresses.removeIf(own -> own.prefixLength() == 32);
        patient.arp.put("front 10.1.0.100", Set.of(0x0200000000aaL));
        assertThat(Doctor.ill(Doctor.examine(patient))).isFalse();
        patient.arp.put("front 10.1.0.100", Set.of(0x0200000000aaL, 0x0200000000bbL));
        assertFinds(Finding.Severity.PROBLEM, "10.1.0.100", "arp_ignore");
    }

    @Test
    void aVirtualAddressThatNobodyHas() {
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 80, 1, 0);
        patient.addresses.removeIf(own -> own.prefixLength() == 32);
        assertFinds(Finding.Severity.PROBLEM, "10.1.0.100", "ip address add 10.1.0.100/32");
    }

    @Test
    void aVirtualAddressOnAStandbyRouter() {
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 80, 1, 0);
        patient.role = Role.STANDBY;
        assertFinds(Finding.Severity.PROBLEM, "10.1.0.100", "two hosts");
    }

    @Test
    void directRoutingToAnotherNetworkOrPort() {
        patient.serve(ForwardingMethod.ROUTE, "192.0.2.1", 80, 1, 0);
        assertFinds(Finding.Severity.PROBLEM, "192.0.2.1:80", "on no network");
        patient.serve(ForwardingMethod.ROUTE, "10.2.0.11", 8080, 1, 0);
        assertFinds(Finding.Severity.WARNING, "10.2.0.11:8080", "port 80");
    }

    @Test
    void strictReversePathFilters() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 80, 1, 1);
        patient.proc.put("sys/net/ipv4/conf/all/rp_filter", "0");
        patient.proc.put("sys/net/ipv4/conf/back/rp_filter", "1");
        assertFinds(Finding.Severity.NOTE, "back", "rp_filter=2");
        patient.proc.put("sys/net/ipv4/conf/all/rp_filter", "2");
        assertHealthy();
    }

    @Test
    void aNarrowWayToTheServers() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 80, 1, 1);
        patient.links.set(1, new Link(2, "back", 2, 1400, true, true));
        assertFinds(Finding.Severity.WARNING, "back", "mtu 1500");
    }

    @Test
    void aTunnelLeavesLessRoom() {
        patient.serve(ForwardingMethod.TUNNEL, "10.2.0.11", 80, 1, 0);
        assertFinds(Finding.Severity.NOTE, "10.2.0.11:80", "advmss");
    }

    @Test
    void packetsGluedByTheCard() {
        patient.largeReceive.add("front");
        assertFinds(Finding.Severity.PROBLEM, "front", "lro off");
    }

    @Test
    void theKernelsOwnRules() {
        String table = "IP Virtual Server version 1.2.1 (size=4096)\nProt\n  ->\n";
        patient.proc.put("net/ip_vs", table);
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 80, 1, 1);
        assertHealthy();
        patient.proc.put("net/ip_vs", table + "TCP  0A010064:0050 rr\n");
        assertFinds(Finding.Severity.PROBLEM, "ip_vs", "ipvsadm -C");
    }

    @Test
    void nothingIsCaptured() {
        patient.captured.clear();
        assertFinds(Finding.Severity.PROBLEM, "weir", "weir run");
    }

    @Test
    void linksThatAreDownOrLeftOut() {
        patient.captured.remove("back");
        assertFinds(Finding.Severity.NOTE, "back", "not captured");
        patient.links.set(0, new Link(1, "front", 1, 1500, false, true));
        assertFinds(Finding.Severity.WARNING, "front", "no carrier");
    }

    @Test
    void aPartnerThatIsNotHeard() {
        patient.partners.add(new Failover.Status("pair", Role.STANDBY, "", -1, ""));
        assertFinds(Finding.Severity.PROBLEM, "pair", "name the peers");
        patient.partners.set(0, new Failover.Status("pair", Role.ACTIVE, "", -1, ""));
        assertFinds(Finding.Severity.WARNING, "pair", "take over");
        patient.partners.set(0, new Failover.Status("pair", Role.STANDBY, "10.1.0.2", 61_000, ""));
        assertFinds(Finding.Severity.WARNING, "pair", "61 s ago");
        patient.partners.set(0, new Failover.Status("pair", Role.STANDBY, "10.1.0.2", 900, ""));
        assertHealthy();
    }

    @Test
    void aClockThatNobodyKeeps() {
        patient.clock = false;
        assertFinds(Finding.Severity.WARNING, "clock", "set-ntp");
        patient.clock = null;
        assertThat(Doctor.examine(patient)).noneMatch(finding -> finding.subject().equals("clock"));
    }

    @Test
    void theWorstComesFirst() {
        patient.serve(ForwardingMethod.MASQUERADE, "10.2.0.11", 8080, 10, 0);
        patient.clock = false;
        assertThat(Doctor.text(Doctor.examine(patient)))
                .startsWith("problem  10.2.0.11:8080: ")
                .contains("\n         -> on the real server: ")
                .contains("warning  clock: ");
    }
}
