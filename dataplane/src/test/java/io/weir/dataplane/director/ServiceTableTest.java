package io.weir.dataplane.director;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.flow.Endpoints;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Sysctls;
import io.weir.dataplane.service.VirtualService;
import io.weir.dataplane.spi.Scheduler;
import io.weir.dataplane.testing.FirstServer;
import io.weir.dataplane.testing.Seed;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

class ServiceTableTest {
    private static final int VIP = 0x0a010064;

    private final ServiceTable table = new ServiceTable();

    private static VirtualService service(ServiceId id) {
        Scheduler first = FirstServer.CATALOG.create("first", new Sysctls(), new Random(1));
        assertThat(first).isNotNull();
        return new VirtualService(id, ServiceSettings.of("first"), first);
    }

    private VirtualService add(int protocol, int address, int port) {
        VirtualService service = service(ServiceId.of(protocol, IpAddress.v4(address), port));
        table.add(service);
        return service;
    }

    private VirtualService addMark(int mark) {
        VirtualService service = service(ServiceId.ofMark(mark, false));
        table.add(service);
        return service;
    }

    @Test
    void theMarkGoesFirst() {
        VirtualService exact = add(6, VIP, 80);
        VirtualService marked = addMark(7);
        assertThat(lookup(6, IpAddress.v4(VIP), 80, 7)).isSameAs(marked);
        assertThat(lookup(17, IpAddress.v4(1), 1, 7)).isSameAs(marked);
        assertThat(lookup(6, IpAddress.v4(VIP), 80, 8)).isSameAs(exact);
        assertThat(lookup(6, IpAddress.v4(VIP), 80, 0)).isSameAs(exact);
    }

    @Test
    void theExactPortGoesBeforeEveryPort() {
        VirtualService every = add(6, VIP, 0);
        VirtualService exact = add(6, VIP, 80);
        assertThat(lookup(6, IpAddress.v4(VIP), 80, 0)).isSameAs(exact);
        assertThat(lookup(6, IpAddress.v4(VIP), 81, 0)).isSameAs(every);
        assertThat(lookup(17, IpAddress.v4(VIP), 80, 0)).isNull();
        assertThat(lookup(6, IpAddress.v4(VIP + 1), 80, 0)).isNull();
    }

    @Test
    void ftpTakesItsDataConnections() {
        VirtualService every = add(6, VIP, 0);
        VirtualService ftp = add(6, VIP, 21);
        assertThat(lookup(6, IpAddress.v4(VIP), 20, 0)).isSameAs(ftp);
        assertThat(lookup(6, IpAddress.v4(VIP), 1024, 0)).isSameAs(ftp);
        assertThat(lookup(6, IpAddress.v4(VIP), 65535, 0)).isSameAs(ftp);
        assertThat(lookup(6, IpAddress.v4(VIP), 1023, 0)).isSameAs(every);
        assertThat(lookup(17, IpAddress.v4(VIP), 2000, 0)).isNull();
    }

    @Test
    void forgetsWhatIsRemoved() {
        VirtualService exact = add(6, VIP, 80);
        add(6, VIP, 81);
        table.remove(exact);
        assertThat(lookup(6, IpAddress.v4(VIP), 80, 0)).isNull();
        assertThat(table.get(exact.id())).isNull();
        assertThat(table.size()).isEqualTo(1);
    }

    @Test
    void agreesWithALookAtEveryService() {
        Random random = Seed.ofThisRun().random();
        Map<ServiceId, VirtualService> model = new LinkedHashMap<>();
        for (int round = 0; round < 400; round++) {
            ServiceId id = randomId(random);
            VirtualService known = model.remove(id);
            if (known != null) {
                table.remove(known);
            } else {
                VirtualService added = service(id);
                model.put(id, added);
                table.add(added);
            }
            for (int i = 0; i < 50; i++) {
                ServiceId packet = randomId(random);
                int mark = random.nextInt(3);
                int protocol = packet.isMark() ? 6 : packet.protocol();
                IpAddress address =
                        packet.isMark() && !packet.address().ipv6()
                                ? IpAddress.v4(VIP)
                                : packet.address();
                assertThat(lookup(protocol, address, packet.port(), mark))
                        .as(Seed.ofThisRun() + " round " + round)
                        .isSameAs(slow(model, protocol, address, packet.port(), mark));
            }
            assertThat(table.all()).containsExactlyElementsOf(model.values());
        }
    }

    private @Nullable VirtualService lookup(int protocol, IpAddress to, int port, int mark) {
        Endpoints packet = new Endpoints();
        if (to.ipv6()) {
            packet.setV6(protocol, 1, 2, to.high(), to.low());
        } else {
            packet.setV4(protocol, 1, to.v4());
        }
        return table.lookup(packet.setPorts(4000, port), mark);
    }

    private static ServiceId randomId(Random random) {
        if (random.nextInt(10) == 0) {
            return ServiceId.ofMark(1 + random.nextInt(3), random.nextBoolean());
        }
        int[] ports = {0, 20, 21, 80, 443, 1023, 1024, 5000, 65535};
        int protocol = random.nextBoolean() ? 6 : 17;
        int port = ports[random.nextInt(ports.length)];
        int number = random.nextInt(4) << 24;
        IpAddress address =
                random.nextBoolean()
                        ? IpAddress.v4(VIP + number)
                        : IpAddress.v6(number & 1L << 24, VIP + number);
        return ServiceId.of(protocol, address, port);
    }

    private static @Nullable VirtualService slow(
            Map<ServiceId, VirtualService> model, int protocol, IpAddress to, int port, int mark) {
        VirtualService found = mark == 0 ? null : model.get(ServiceId.ofMark(mark, to.ipv6()));
        if (found == null) {
            found = model.get(ServiceId.of(protocol, to, port));
        }
        if (found == null && protocol == 6 && (port == 20 || port >= 1024)) {
            found = model.get(ServiceId.of(protocol, to, 21));
        }
        return found == null ? model.get(ServiceId.of(protocol, to, 0)) : found;
    }
}
