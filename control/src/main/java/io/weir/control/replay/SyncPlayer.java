package io.weir.control.replay;

import io.weir.control.ipvsadm.Ipvsadm;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Does to two balancers what the recorder did to two kernels, one event after the other. */
final class SyncPlayer {
    private static final HexFormat HEX = HexFormat.of();

    /** Time passes for both in such steps, and what one sends arrives at the end of the step. */
    private static final long STEP_MILLIS = 10;

    /** How long after an injected datagram the recorder looked at the table again. */
    private static final long LOOK_AGAIN_MILLIS = 30;

    private static final String LINK_DOWN = "link down";
    private static final String LINK_UP = "link up";

    private final Map<String, SyncSide> sides;
    private final EventLog log;
    private final SyncText text = new SyncText();
    private boolean linkUp = true;
    private long nowMillis;
    private int framesIn;
    private int framesOut;

    /**
     * A player.
     *
     * @param sides both balancers by name
     * @param log takes what happens, in the recordings' form
     */
    SyncPlayer(Map<String, SyncSide> sides, EventLog log) {
        this.sides = sides;
        this.log = log;
    }

    /** Frames that came in on links to clients and servers. */
    int framesIn() {
        return framesIn;
    }

    /** Frames that went out there. */
    int framesOut() {
        return framesOut;
    }

    /** Lets time pass until an event, and does it. */
    void replay(RecordedEvents.Event event) throws ReplayException, IOException {
        advance((long) event.recordedMillis());
        switch (event.operation()) {
            case "in" -> arrive(event);
            case "inject" -> inject(event);
            case "ipvsadm" -> ipvsadm(event);
            case "sysctl" -> set(event);
            case "wait" -> {
                log.write(event("wait").put("s", event.node().path("s").asDouble()));
                advance((long) event.overMillis());
            }
            case "conns" -> list(event, side(event, "side").connections());
            case "list" -> list(event, side(event, "side").services());
            case "daemon" -> list(event, side(event, "side").listings().daemons());
            case "note" -> note(event);
            default -> {}
        }
    }

    private ObjectNode event(String operation) {
        return EventLog.event(operation, nowMillis / 1000.0);
    }

    private SyncSide side(RecordedEvents.Event event, String key) throws ReplayException {
        String name = event.text(key);
        SyncSide side = sides.get(name);
        if (side == null) {
            throw event.fault("there is no side \"" + name + "\" in topology.json");
        }
        return side;
    }

    private void advance(long millis) throws IOException {
        while (nowMillis < millis) {
            nowMillis = Math.min(millis, nowMillis + STEP_MILLIS);
            for (SyncSide side : sides.values()) {
                side.host().advance(nowMillis);
            }
            carry();
        }
    }

    // What daemons have sent crosses the link; an answer to it would cross in the next round.
    private void carry() throws IOException {
        for (SyncSide from : sides.values()) {
            byte[] frame = from.end().poll();
            while (frame != null) {
                if (linkUp) {
                    log.write(
                            event("sync")
                                    .put("from", from.name())
                                    .put("frame", HEX.formatHex(frame))
                                    .put("text", text.of(frame)));
                    deliver(from, frame);
                }
                frame = from.end().poll();
            }
        }
    }

    private void deliver(SyncSide from, byte[] frame) {
        for (SyncSide to : sides.values()) {
            if (!to.name().equals(from.name())) {
                to.end().receive(frame);
                to.host().settle();
            }
        }
    }

    private void arrive(RecordedEvents.Event event) throws ReplayException, IOException {
        SyncSide side = side(event, "side");
        String link = event.text("if");
        if (!side.host().hasLink(link)) {
            throw event.fault("there is no interface \"" + link + "\" in topology.json");
        }
        byte[] frame = frame(event);
        log.write(packet("in", side, link, frame));
        framesIn++;
        if (!side.host().inject(link, frame, false)) {
            throw event.fault("a frame of " + frame.length + " bytes is too large");
        }
        side.host()
                .drainTo(
                        (name, bytes) -> {
                            if (!ScenarioReplay.isArp(bytes)) {
                                log.write(packet("out", side, name, bytes));
                                framesOut++;
                            }
                        });
        carry();
    }

    private ObjectNode packet(String operation, SyncSide side, String link, byte[] frame) {
        return event(operation)
                .put("side", side.name())
                .put("if", link)
                .put("frame", HEX.formatHex(frame));
    }

    private static byte[] frame(RecordedEvents.Event event) throws ReplayException {
        try {
            return HEX.parseHex(event.text("frame"));
        } catch (IllegalArgumentException notHex) {
            throw event.fault("\"frame\" is not a row of hexadecimal bytes");
        }
    }

    private void inject(RecordedEvents.Event event) throws ReplayException, IOException {
        SyncSide side = side(event, "to");
        byte[] frame = frame(event);
        List<String> before = side.timelessConnections();
        ObjectNode written =
                event("inject").put("to", side.name()).put("frame", HEX.formatHex(frame));
        for (String words : List.of("text", "note")) {
            if (event.node().path(words).isString()) {
                written.put(words, event.text(words));
            }
        }
        if (linkUp) {
            side.end().receive(frame);
            side.host().settle();
        }
        advance(nowMillis + LOOK_AGAIN_MILLIS);
        List<String> after = side.timelessConnections();
        ObjectNode changed = written.putObject("changed");
        difference(changed.putArray("new"), after, before);
        difference(changed.putArray("gone"), before, after);
        log.write(written);
    }

    private static void difference(ArrayNode into, List<String> of, List<String> without) {
        List<String> rest = new ArrayList<>(without);
        for (String row : of) {
            if (!rest.remove(row)) {
                into.add(row);
            }
        }
    }

    private void ipvsadm(RecordedEvents.Event event) throws ReplayException, IOException {
        SyncSide side = side(event, "side");
        String arguments = event.text("args");
        Ipvsadm.Outcome outcome = side.ipvsadm().run(List.of(arguments.trim().split("\\s+")));
        ObjectNode written = event("ipvsadm").put("side", side.name()).put("args", arguments);
        if (outcome.exitCode() != 0) {
            written.put("rc", outcome.exitCode());
            written.put("err", outcome.errors().lines().findFirst().orElse(""));
        }
        log.write(written);
    }

    private void set(RecordedEvents.Event event) throws ReplayException, IOException {
        SyncSide side = side(event, "side");
        String key = event.text("key");
        String value = event.word("value");
        String refusal = side.host().set(key, value);
        ObjectNode written =
                event("sysctl").put("side", side.name()).put("key", key).put("value", value);
        if (refusal != null) {
            written.put("err", refusal);
        }
        log.write(written.put("now", side.host().get(key)));
    }

    private void list(RecordedEvents.Event event, String text) throws ReplayException, IOException {
        log.write(
                event(event.operation()).put("side", side(event, "side").name()).put("text", text));
    }

    private void note(RecordedEvents.Event event) throws ReplayException, IOException {
        String text = event.text("text");
        if (text.equals(LINK_DOWN) || text.equals(LINK_UP)) {
            linkUp = text.equals(LINK_UP);
        }
        log.write(event("note").put("text", text));
    }
}
