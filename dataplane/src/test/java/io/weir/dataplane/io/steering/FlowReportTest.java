package io.weir.dataplane.io.steering;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.dataplane.offload.EventRing;
import io.weir.dataplane.offload.FlowEnds;
import io.weir.dataplane.offload.FlowTable;
import io.weir.dataplane.sys.Bpf;
import io.weir.dataplane.sys.Descriptor;
import io.weir.dataplane.sys.SystemCallException;
import io.weir.dataplane.testing.FrameBuilder;
import io.weir.dataplane.testing.Frames;
import io.weir.dataplane.testing.NamespaceLab;
import io.weir.dataplane.testing.Seed;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What the kernel's programs tell of segments that they forward (BPF_PROG_TEST_RUN). */
class FlowReportTest {
    private static final int REJECTED = 0;
    private static final int LEFT = -1;
    private static final int PASSED = 2; // XDP_PASS
    private static final int REDIRECTED = 4; // XDP_REDIRECT
    private static final int FIN = 1;
    private static final int RST = 4;
    private static final int PSH = 8;
    private static final int ACK = 16;

    private HeaderLayout family = HeaderLayout.IPV4;
    private FlowMaps maps;
    private FlowTable table;
    private Descriptor finder;
    private Descriptor driver;

    @BeforeEach
    void open() throws SystemCallException {
        NamespaceLab.assumeRoot();
        maps = FlowMaps.open(6, Seed.ofThisRun().value(), 2);
        table = maps.tables().getFirst();
        BpfAssembler find = new BpfAssembler();
        FlowFilter.find(find, maps);
        find.moveImmediate(BpfAssembler.R0, LEFT);
        find.exit();
        finder = Bpf.loadProgram(Bpf.PROGRAM_SCHED_CLS, find.assemble(), "test");
        BpfAssembler redirect = new BpfAssembler();
        FlowDriver.redirect(redirect, maps, 0);
        redirect.moveImmediate(BpfAssembler.R0, PASSED);
        redirect.exit();
        driver = Bpf.loadProgram(Bpf.PROGRAM_XDP, redirect.assemble(), "test");
    }

    @AfterEach
    void close() {
        if (maps != null) {
            driver.close();
            finder.close();
            maps.close();
        }
    }

    private static int ports(int port) {
        return port << 16 | 80;
    }

    /** Lets the kernel forward what comes from this port. */
    private int flow(int protocol, int port) {
        return flow(table, protocol, port);
    }

    private int flow(FlowTable table, int protocol, int port) {
        FlowEnds ends = ends(protocol, port);
        int place = table.bucket(ends);
        while (table.has(place)) {
            place++;
        }
        table.putWayOut(place, ends, 17, 1500, true);
        table.putEthernet(place, 2, 3, 0x0800);
        table.open(place, ends);
        return place;
    }

    private FlowEnds ends(int protocol, int port) {
        return TestFlow.direct(family, protocol, port).ends();
    }

    private byte[] frame(FrameBuilder builder, int port) {
        return TestFlow.direct(family, 6, port).before(builder).bytes();
    }

    private byte[] segment(int port, int flags) {
        return frame(Frames.tcp().flags(flags).payload("more than nothing"), port);
    }

    private int find(byte[] frame) throws SystemCallException {
        return Bpf.testRun(finder.number(), frame, "test");
    }

    private int redirect(byte[] frame) throws SystemCallException {
        return Bpf.testRun(driver.number(), frame, "test");
    }

    private void isToldOf(int place, int port, int flags) {
        long event = table.events().take();
        table.events().makeRoom();
        assertThat(event).isNotEqualTo(EventRing.NONE);
        assertThat(EventRing.place(event)).isEqualTo(place);
        assertThat(EventRing.tcpFlags(event)).isEqualTo(flags);
        assertThat(EventRing.isOf(event, ports(port))).isTrue();
    }

    private void nothingIsTold() {
        assertThat(table.events().take()).isEqualTo(EventRing.NONE);
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void itTellsOfTheEndOfStreamsAndOfNothingElse(HeaderLayout each) throws SystemCallException {
        family = each;
        int place = flow(6, 40_000);
        for (int flags = 0; flags < 256; flags++) {
            boolean forwarded = (flags & 2) == 0 && (flags & (ACK | FIN | RST)) != 0;
            byte[] frame = segment(40_000, flags);
            for (boolean byDriver : new boolean[] {false, true}) {
                int verdict = byDriver ? redirect(frame) : find(frame);
                int taken = byDriver ? REDIRECTED : REJECTED;
                int left = byDriver ? PASSED : LEFT;
                assertThat(verdict).as("flags %d", flags).isEqualTo(forwarded ? taken : left);
                if (forwarded && (flags & (FIN | RST)) != 0) {
                    isToldOf(place, 40_000, flags);
                }
                nothingIsTold();
            }
        }
        assertThat(table.packets(place)).isEqualTo(2 * (128 - 16));
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void itTellsOfAllWhileAConnectionOpens(HeaderLayout each) throws SystemCallException {
        family = each;
        int place = flow(6, 40_000);
        for (int flags = 0; flags < 256; flags++) {
            boolean answer = (flags & 0x17) == 0x12;
            boolean forwarded = answer || ((flags & 2) == 0 && (flags & (ACK | FIN | RST)) != 0);
            byte[] frame = segment(40_000, flags);
            table.putOpening(place, false);
            assertThat(find(frame)).isEqualTo(forwarded && !answer ? REJECTED : LEFT);
            assertThat(redirect(frame)).isEqualTo(forwarded && !answer ? REDIRECTED : PASSED);
            for (int i = 0; forwarded && !answer && i < 2; i++) {
                isToldOf(place, 40_000, flags);
            }
            table.putOpening(place, true);
            assertThat(find(frame)).isEqualTo(forwarded ? REJECTED : LEFT);
            assertThat(redirect(frame)).isEqualTo(forwarded ? REDIRECTED : PASSED);
            for (int i = 0; forwarded && i < 2; i++) {
                isToldOf(place, 40_000, flags);
            }
            nothingIsTold();
            table.putOpened(place);
        }
        assertThat(find(segment(40_000, ACK))).isEqualTo(REJECTED);
        assertThat(find(segment(40_000, 0x12))).isEqualTo(LEFT);
        nothingIsTold();
    }

    @Test
    void itTellsTheWorkerWhoseFlowItIs() throws SystemCallException {
        FlowTable second = maps.tables().getLast();
        int[] places = {flow(table, 6, 40_000), flow(second, 6, 40_001)};
        for (int i = 0; i < 2; i++) {
            FlowTable other = table;
            table = maps.tables().get(i);
            byte[] end = segment(40_000 + i, FIN | ACK);
            assertThat(find(end)).isEqualTo(REJECTED);
            assertThat(redirect(end)).isEqualTo(REDIRECTED);
            isToldOf(places[i], 40_000 + i, FIN | ACK);
            isToldOf(places[i], 40_000 + i, FIN | ACK);
            nothingIsTold();
            table = other;
        }
        assertThat(second.events().take()).isEqualTo(EventRing.NONE);
        nothingIsTold();
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void aDatagramHasNoFlags(HeaderLayout each) throws SystemCallException {
        family = each;
        flow(17, 40_000);
        byte[] payload = new byte[20];
        Arrays.fill(payload, (byte) 0xff);
        byte[] frame = frame(Frames.udp().payload(payload), 40_000);
        assertThat(find(frame)).isEqualTo(REJECTED);
        assertThat(redirect(frame)).isEqualTo(REDIRECTED);
        nothingIsTold();
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void whatIsLeftToTheWorkerIsNotToldOf(HeaderLayout each) throws SystemCallException {
        family = each;
        int place = flow(6, 40_000);
        byte[] partial =
                frame(Frames.tcp().flags(FIN | ACK).payload("unsummed").partialChecksum(), 40_000);
        assertThat(redirect(partial)).isEqualTo(PASSED);
        byte[] old = frame(Frames.tcp().flags(FIN | ACK).payload("at its end").ttl(1), 40_000);
        assertThat(find(old)).isEqualTo(LEFT);
        table.putWayOut(place, ends(6, 40_000), 17, 1500, false);
        assertThat(redirect(segment(40_000, FIN | ACK))).isEqualTo(PASSED);
        nothingIsTold();
        assertThat(table.packets(place)).isZero();
    }

    @ParameterizedTest
    @EnumSource(HeaderLayout.class)
    void withoutRoomTheSegmentIsTheWorkers(HeaderLayout each) throws SystemCallException {
        family = each;
        int place = flow(6, 40_000);
        byte[] end = segment(40_000, FIN | ACK);
        int told = 0;
        while (table.events().put(place, FIN, ports(40_000))) {
            told++;
        }
        assertThat(find(end)).isEqualTo(LEFT);
        assertThat(redirect(end)).isEqualTo(PASSED);
        assertThat(find(segment(40_000, PSH | ACK))).as("nothing to tell").isEqualTo(REJECTED);
        for (int i = 0; i < told; i++) {
            isToldOf(place, 40_000, FIN);
        }
        nothingIsTold();
        assertThat(find(end)).isEqualTo(REJECTED);
        assertThat(redirect(end)).isEqualTo(REDIRECTED);
        isToldOf(place, 40_000, FIN | ACK);
        isToldOf(place, 40_000, FIN | ACK);
        nothingIsTold();
    }

    @Test
    void processorsTellSideBySide() throws Exception {
        int count = 20_000;
        int[] places = {flow(6, 40_000), flow(6, 40_001)};
        int[] flags = {FIN | ACK, RST};
        try (ExecutorService processors = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> runs = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                byte[] frame = segment(40_000 + i, flags[i]);
                int program = i == 0 ? finder.number() : driver.number();
                runs.add(processors.submit(repeat(program, frame, count, i == 0 ? 0 : REDIRECTED)));
            }
            int[] heard = new int[2];
            while (!runs.stream().allMatch(Future::isDone) || heard[0] + heard[1] < told(runs)) {
                long event = table.events().take();
                table.events().makeRoom();
                if (event != EventRing.NONE) {
                    int which = EventRing.place(event) == places[0] ? 0 : 1;
                    assertThat(EventRing.place(event)).isEqualTo(places[which]);
                    assertThat(EventRing.tcpFlags(event)).isEqualTo(flags[which]);
                    heard[which]++;
                }
            }
            assertThat(heard).containsExactly(runs.get(0).get(), runs.get(1).get());
            nothingIsTold();
        }
    }

    private static Callable<Integer> repeat(int program, byte[] frame, int times, int taken) {
        return () -> {
            int told = 0;
            for (int i = 0; i < times; i++) {
                told += Bpf.testRun(program, frame, "test") == taken ? 1 : 0;
            }
            return told;
        };
    }

    private static int told(List<Future<Integer>> runs)
            throws InterruptedException, ExecutionException {
        return runs.get(0).get() + runs.get(1).get();
    }
}
