package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Set;

/** What rules of services and servers take from the host, and what they leave to it. */
class SteeringProgramTest extends SingleFrames {
    private static final String ELSEWHERE = "02:00:00:00:00:99";

    private static final String VIP = "192.0.2.10";
    private static final String REAL = "10.0.0.5";
    private static final String OWN = "10.0.0.1";
    private static final String CLIENT = "198.51.100.7";

    private void ordinaryRules() throws SteeringException {
        steering.update(
                new SteeringRules(
                        Set.of(endpoint(6, VIP, 80), endpoint(17, VIP, 0)),
                        Set.of(endpoint(6, REAL, 8080))));
        steering.updateHost(Set.of(host(OWN), host(VIP)));
    }

    @Test
    void withoutRulesNothingIsTaken() throws SystemCallException {
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 80))).isEqualTo(LEFT);
    }

    @Test
    void packetsToVirtualEndpointsAreTakenAndCounted() throws Exception {
        ordinaryRules();
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.udp().from(CLIENT, 4000).to(VIP, 12345))).isEqualTo(TAKEN);
        assertThat(steering.takenPackets()).isEqualTo(4); // by either program
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 81))).isEqualTo(LEFT);
        assertThat(run(Frames.sctp().from(CLIENT, 4000).to(VIP, 80))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(CLIENT, 4000).to(OWN, 80))).isEqualTo(LEFT);
        assertThat(run(Frames.ping(1, 1).from(CLIENT).to(VIP))).isEqualTo(LEFT);
        assertThat(steering.takenPackets()).isEqualTo(4);
    }

    @Test
    void sctpIsTakenLikeTheOthers() throws Exception {
        steering.update(
                new SteeringRules(
                        Set.of(endpoint(132, VIP, 2905)), Set.of(endpoint(132, REAL, 3905))));
        steering.updateHost(Set.of(host(OWN), host(VIP)));
        assertThat(run(Frames.sctp().from(CLIENT, 4000).to(VIP, 2905).chunk(1))).isEqualTo(TAKEN);
        assertThat(run(Frames.sctp().from(REAL, 3905).to(CLIENT, 4000).chunk(2))).isEqualTo(TAKEN);
        assertThat(run(Frames.sctp().from(CLIENT, 4000).to(VIP, 2906).chunk(1))).isEqualTo(LEFT);
        assertThat(run(Frames.sctp().from(REAL, 3905).to(OWN, 4000).chunk(2))).isEqualTo(LEFT);
        byte[] quoted = Frames.sctp().from(CLIENT, 4000).to(REAL, 3905).chunk(1).packet();
        assertThat(run(Frames.icmpError(3, 3, quoted).from(REAL).to(CLIENT))).isEqualTo(TAKEN);
    }

    @Test
    void framesForOtherHostsAndBroadcastsAreLeft() throws Exception {
        ordinaryRules();
        FrameBuilder frame = Frames.tcp().syn().from(CLIENT, 4000).to(VIP, 80);
        assertThat(run(frame.macs(PEER, ELSEWHERE).bytes())).isEqualTo(LEFT);
        assertThat(run(frame.macs(PEER, "ff:ff:ff:ff:ff:ff").bytes())).isEqualTo(LEFT);
        assertThat(run(Frames.arpRequest(PEER, CLIENT, VIP))).isEqualTo(LEFT);
    }

    @Test
    void optionsMoveThePorts() throws Exception {
        ordinaryRules();
        FrameBuilder frame = Frames.tcp().syn().ipOptions(new byte[40]).from(CLIENT, 1);
        assertThat(run(frame.to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(frame.to(VIP, 81))).isEqualTo(LEFT);
    }

    @Test
    void serversRepliesAreTakenButNotThoseToTheHostItself() throws Exception {
        ordinaryRules();
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 8080).to(CLIENT, 4000)))
                .isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 8080).to(OWN, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 8080).to(VIP, 4000))).isEqualTo(LEFT);
        assertThat(run(Frames.tcp().syn().from(REAL, 8080).to(VIP, 80))).isEqualTo(TAKEN);
        assertThat(run(Frames.tcp().syn().ack(1).from(REAL, 22).to(CLIENT, 4000))).isEqualTo(LEFT);
    }

    @Test
    void everyFragmentIsTakenByItsAddress() throws Exception {
        ordinaryRules();
        for (byte[] fragment :
                Frames.udp()
                        .from(CLIENT, 1)
                        .to(VIP, 9)
                        .payload(new byte[3000])
                        .macs(PEER, HERE)
                        .fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(TAKEN);
        }
        for (byte[] fragment :
                Frames.tcp()
                        .from(REAL, 8080)
                        .to(CLIENT, 9)
                        .payload(new byte[3000])
                        .macs(PEER, HERE)
                        .fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(TAKEN);
        }
        for (byte[] fragment :
                Frames.tcp()
                        .from(REAL, 8080)
                        .to(OWN, 9)
                        .payload(new byte[3000])
                        .macs(PEER, HERE)
                        .fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(LEFT);
        }
    }

    @Test
    void errorsAboutBalancedPacketsAreTaken() throws Exception {
        ordinaryRules();
        byte[] reply = Frames.tcp().ack(1).from(VIP, 80).to(CLIENT, 4000).packet();
        byte[] translated = Frames.tcp().ack(1).from(CLIENT, 4000).to(REAL, 8080).packet();
        byte[] routed = Frames.tcp().ack(1).from(CLIENT, 4000).to(VIP, 80).packet();
        byte[] check = Frames.tcp().ack(1).from(OWN, 4000).to(REAL, 8080).packet();
        byte[] foreign = Frames.tcp().ack(1).from(CLIENT, 4000).to(REAL, 22).packet();
        for (int type : new int[] {3, 4, 11, 12}) {
            assertThat(run(Frames.icmpError(type, 0, reply).from(CLIENT).to(VIP))).isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, translated).from(REAL).to(CLIENT)))
                    .isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, routed).from(REAL).to(CLIENT)))
                    .isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, check).from(REAL).to(OWN))).isEqualTo(LEFT);
            assertThat(run(Frames.icmpError(type, 0, foreign).from(REAL).to(CLIENT)))
                    .isEqualTo(LEFT);
        }
        assertThat(run(Frames.icmpError(5, 0, reply).from(CLIENT).to(VIP))).isEqualTo(LEFT);
        // RFC 792 asks for no more than 8 bytes behind the quoted IP header.
        assertThat(run(Frames.icmpError(3, 3, Arrays.copyOf(reply, 28)).from(CLIENT).to(VIP)))
                .isEqualTo(TAKEN);
        assertThat(run(Frames.icmpError(3, 3, Arrays.copyOf(reply, 22)).from(CLIENT).to(VIP)))
                .isEqualTo(LEFT);
    }

    @Test
    void lyingAndShortPacketsAreLeft() throws Exception {
        ordinaryRules();
        byte[] frame = Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80).macs(PEER, HERE).bytes();
        // The test run itself refuses frames without a whole IP header.
        for (int length = 34; length < 38; length++) {
            assertThat(run(Arrays.copyOf(frame, length))).isEqualTo(LEFT);
        }
        for (int firstByte : new int[] {0x44, 0x40, 0x55, 0x65, 0x05, 0x4f}) {
            byte[] changed = frame.clone();
            changed[14] = (byte) firstByte;
            assertThat(run(changed)).isEqualTo(LEFT);
        }
    }
}
