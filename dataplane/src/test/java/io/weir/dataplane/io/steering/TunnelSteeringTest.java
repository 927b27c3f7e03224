package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.io.SteeringRules;
import io.weir.dataplane.io.SteeringRules.Endpoint;
import io.weir.dataplane.mark.MarkedTraffic;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.net.Prefix;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.Frames;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Set;

/** Which errors about the host's own packets the program takes, in the kernel. */
class TunnelSteeringTest extends SingleFrames {
    private static final int IPIP = 4;
    private static final int IPV6 = 41;
    private static final int GRE = 47;
    private static final int UDP = 17;
    private static final String[] OWN = {"10.0.0.1", "fd00::1"};
    private static final String[] END = {"10.0.0.5", "fd00::5"};
    private static final String[] ELSEWHERE = {"10.0.0.6", "fd00::6"};
    private static final String[] ROUTER = {"10.0.0.254", "fd00::fe"};

    private void tunnel(int protocol, String address, int port) throws Exception {
        Endpoint end = new Endpoint(protocol, IpAddress.parse(address), port);
        steering.update(new SteeringRules(Set.of(), Set.of(), Set.of(end), MarkedTraffic.NONE));
        steering.updateHost(
                Set.of(Prefix.host(IpAddress.parse(OWN[0])), Prefix.host(IpAddress.parse(OWN[1]))));
    }

    /** A packet whose content is left out; the program reads no further than the ports. */
    private static byte[] packet(int protocol, String source, String destination) {
        byte[] packet =
                Frames.udp().from(source, 50000).to(destination, 6080).payload("GUE").packet();
        packet[packet[0] >>> 4 == 4 ? 9 : 6] = (byte) protocol;
        return packet;
    }

    private int run(int family, int type, byte[] quoted) throws SystemCallException {
        return run(Frames.icmpError(type, 0, quoted).from(ROUTER[family]).to(OWN[family]));
    }

    @Test
    void errorsAboutTunnelsAreTaken() throws Exception {
        int[][] errors = {{3, 4, 11, 12}, {1, 2, 3, 4}};
        for (int family = 0; family < 2; family++) {
            for (int protocol : new int[] {IPIP, IPV6, GRE, UDP}) {
                tunnel(protocol, END[family], protocol == UDP ? 6080 : 0);
                byte[] packet = packet(protocol, OWN[family], END[family]);
                for (int type : errors[family]) {
                    assertThat(run(family, type, packet)).isEqualTo(TAKEN);
                }
                assertThat(run(family, 5, packet)).isEqualTo(LEFT);
                assertThat(run(family, 8, packet)).isEqualTo(LEFT);
            }
        }
    }

    @Test
    void errorsAboutOthersPacketsAreLeft() throws Exception {
        for (int family = 0; family < 2; family++) {
            for (int protocol : new int[] {IPIP, IPV6, GRE, UDP}) {
                tunnel(protocol, END[family], protocol == UDP ? 6080 : 0);
                byte[] notOwn = packet(protocol, ELSEWHERE[family], END[family]);
                assertThat(run(family, 3, notOwn)).isEqualTo(LEFT);
                byte[] otherEnd = packet(protocol, OWN[family], ELSEWHERE[family]);
                assertThat(run(family, 3, otherEnd)).isEqualTo(LEFT);
                int other = protocol == GRE ? IPIP : GRE;
                byte[] otherProtocol = packet(other, OWN[family], END[family]);
                assertThat(run(family, 3, otherProtocol)).isEqualTo(LEFT);
                byte[] tcp = packet(6, OWN[family], END[family]);
                assertThat(run(family, 3, tcp)).isEqualTo(LEFT);
                byte[] returning = packet(protocol, END[family], OWN[family]);
                assertThat(run(family, 3, returning)).isEqualTo(LEFT);
            }
            tunnel(UDP, END[family], 6081);
            byte[] otherPort = packet(UDP, OWN[family], END[family]);
            assertThat(run(family, 3, otherPort)).isEqualTo(LEFT);
        }
    }

    @Test
    void theTunnelsPacketsThemselvesAreLeft() throws Exception {
        tunnel(UDP, END[0], 6080);
        assertThat(run(Frames.udp().from(END[0], 6080).to(OWN[0], 50000))).isEqualTo(LEFT);
        assertThat(run(Frames.udp().from(OWN[0], 50000).to(END[0], 6080))).isEqualTo(LEFT);
    }

    @Test
    void aQuoteOfTheHeaderAloneIsEnoughWithoutPorts() throws Exception {
        tunnel(IPIP, END[0], 0);
        byte[] packet = packet(IPIP, OWN[0], END[0]);
        assertThat(run(0, 3, Arrays.copyOf(packet, 20))).isEqualTo(TAKEN);
        assertThat(run(0, 3, Arrays.copyOf(packet, 19))).isEqualTo(LEFT);
        tunnel(UDP, END[0], 6080);
        byte[] datagram = packet(UDP, OWN[0], END[0]);
        assertThat(run(0, 3, Arrays.copyOf(datagram, 24))).isEqualTo(TAKEN);
        assertThat(run(0, 3, Arrays.copyOf(datagram, 23))).isEqualTo(LEFT);
    }
}
