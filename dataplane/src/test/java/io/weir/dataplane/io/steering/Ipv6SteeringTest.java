package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.TrafficSteering.SteeringException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What the program makes of IPv6 extension headers; run as in {@link SteeringProgramTest}. */
class Ipv6SteeringTest extends SingleFrames {
    private static final String VIP = "2001:db8::10";
    private static final String REAL = "fd00::5";
    private static final String OWN = "fd00::1";
    private static final String CLIENT = "2001:db8:7::7";

    private void ipv6Rules() throws SteeringException {
        steering.update(
                new SteeringRules(
                        Set.of(endpoint(6, VIP, 80), endpoint(17, VIP, 0)),
                        Set.of(endpoint(6, REAL, 8080))));
        steering.updateHost(Set.of(host(OWN), host(VIP)));
    }

    private static FrameBuilder chain(FrameBuilder packet, int... types) {
        for (int type : types) {
            packet.extension(type, extension(type, 1));
        }
        return packet;
    }

    /** A header of so many units beyond its first 8 bytes. */
    static byte[] extension(int type, int units) {
        boolean authentication = type == 51;
        byte[] header = new byte[authentication ? 8 + 4 * units : 8 + 8 * units];
        header[1] = (byte) units;
        return header;
    }

    @Test
    void extensionHeadersMoveThePorts() throws Exception {
        ipv6Rules();
        int[][] chains = {
            {0}, {43}, {60}, {51}, {0, 60, 43, 51, 60}, {0, 60, 60, 60, 60, 60, 60, 60}
        };
        for (int[] types : chains) {
            FrameBuilder packet = chain(Frames.tcp().syn().from(CLIENT, 1), types);
            assertThat(run(packet.to(VIP, 80))).as(Arrays.toString(types)).isEqualTo(TAKEN);
            assertThat(run(packet.to(VIP, 81))).as(Arrays.toString(types)).isEqualTo(LEFT);
            FrameBuilder reply = chain(Frames.tcp().syn().ack(1).from(REAL, 8080), types);
            assertThat(run(reply.to(CLIENT, 1))).isEqualTo(TAKEN);
            assertThat(run(reply.to(OWN, 1))).isEqualTo(LEFT);
        }
        // One more than the worker would walk over.
        FrameBuilder long9 = Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80);
        assertThat(run(chain(long9, 0, 60, 60, 60, 60, 60, 60, 60, 60))).isEqualTo(LEFT);
        FrameBuilder unknown = Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80);
        assertThat(run(chain(unknown, 135))).isEqualTo(LEFT);
    }

    @Test
    void everyIpv6FragmentIsTakenByItsAddress() throws Exception {
        ipv6Rules();
        for (int[] types : new int[][] {{}, {0}, {0, 43, 60}}) {
            FrameBuilder packet = chain(Frames.udp().from(CLIENT, 1), types);
            packet.payload(new byte[3000]).macs(PEER, HERE);
            for (byte[] fragment : packet.to(VIP, 9).fragments(1000)) {
                assertThat(run(fragment)).isEqualTo(TAKEN);
            }
            for (byte[] fragment : packet.to(REAL, 9).fragments(1000)) {
                assertThat(run(fragment)).isEqualTo(LEFT);
            }
        }
        FrameBuilder reply = Frames.tcp().from(REAL, 8080).payload(new byte[3000]);
        for (byte[] fragment : reply.macs(PEER, HERE).to(CLIENT, 9).fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(TAKEN);
        }
        for (byte[] fragment : reply.to(OWN, 9).fragments(1000)) {
            assertThat(run(fragment)).isEqualTo(LEFT);
        }
        // One fragment that is everything is none (RFC 6946): its ports count.
        FrameBuilder whole = Frames.tcp().syn().from(CLIENT, 1).macs(PEER, HERE);
        assertThat(run(whole.to(VIP, 80).fragments(1000).getFirst())).isEqualTo(TAKEN);
        assertThat(run(whole.to(VIP, 81).fragments(1000).getFirst())).isEqualTo(LEFT);
    }

    @Test
    void icmpv6ErrorsAboutPacketsWithExtensionHeadersAreTaken() throws Exception {
        ipv6Rules();
        FrameBuilder quoted = chain(Frames.tcp().ack(1).from(CLIENT, 4000), 0, 60);
        byte[] balanced = quoted.to(REAL, 8080).packet();
        byte[] foreign = quoted.to(REAL, 22).packet();
        for (int type = 1; type <= 4; type++) {
            FrameBuilder error = Frames.icmpError(type, 0, balanced).from(REAL).to(CLIENT);
            assertThat(run(error)).isEqualTo(TAKEN);
            assertThat(run(chain(error, 0, 60))).isEqualTo(TAKEN);
            assertThat(run(Frames.icmpError(type, 0, foreign).from(REAL).to(CLIENT)))
                    .isEqualTo(LEFT);
        }
        List<byte[]> fragments = quoted.to(REAL, 8080).payload(new byte[64]).fragments(32);
        for (int i = 0; i < 2; i++) {
            byte[] fragment = fragments.get(i);
            byte[] packet = Arrays.copyOfRange(fragment, 14, fragment.length);
            // The first has the ports, another does not.
            assertThat(run(Frames.icmpError(2, 0, packet).from(REAL).to(CLIENT)))
                    .isEqualTo(i == 0 ? TAKEN : LEFT);
        }
        // Neighbour discovery and echo are the host's, whatever is before them.
        FrameBuilder echo = Frames.icmp(128, 0, 1).from(CLIENT).to(VIP);
        assertThat(run(echo)).isEqualTo(LEFT);
        assertThat(run(chain(echo, 0))).isEqualTo(LEFT);
    }

    @Test
    void shortAndLyingChainsAreLeft() throws Exception {
        ipv6Rules();
        FrameBuilder packet = chain(Frames.tcp().syn().from(CLIENT, 1).to(VIP, 80), 0, 51);
        byte[] frame = packet.macs(PEER, HERE).bytes();
        int ports = 14 + 40 + 16 + 12;
        assertThat(run(Arrays.copyOf(frame, ports + 4))).isEqualTo(TAKEN);
        for (int length = 54; length < ports + 4; length++) {
            assertThat(run(Arrays.copyOf(frame, length))).as("%d", length).isEqualTo(LEFT);
        }
        byte[] lying = frame.clone();
        lying[55] = (byte) 255;
        assertThat(run(lying)).isEqualTo(LEFT);
        byte[] version4 = frame.clone();
        version4[14] = 0x45;
        assertThat(run(version4)).isEqualTo(LEFT);
    }
}
