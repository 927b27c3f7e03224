package io.weir.control.lvscf;

import io.weir.control.config.CheckConfig;
import io.weir.control.config.CheckTiming;
import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.dataplane.service.ServiceId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/** The one check that Piranha knows: what a nanny asks for send, expect and send_program. */
final class NannyCheck {
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    static final Duration REENTRY = Duration.ofMinutes(3);

    private static final int HTTP = 80;
    private static final String GET = "GET / HTTP/1.0\r\n\r\n";

    private final Section section;
    private final CheckTarget target;

    private NannyCheck(Section section, CheckTarget target) {
        this.section = section;
        this.target = target;
    }

    /** The check; null if it cannot be had, which has been said then. */
    static @Nullable CheckConfig read(Section section, CheckTarget target) {
        NannyCheck nanny = new NannyCheck(section, target);
        Probe probe = nanny.probe();
        if (probe == null) {
            return null;
        }
        if (target.port() == 0 && !(probe instanceof Probe.Program)) {
            section.fault(
                    "port",
                    "a service on every port does not say where to check; write check blocks with"
                            + " a port, or unchecked = 1");
            return null;
        }
        return new CheckConfig(
                probe, target.address(), target.port(), CheckConfig.Path.DIRECT, nanny.timing());
    }

    /** Whether the file asks for it by name. */
    static boolean isAskedFor(Section section) {
        return section.has("send") || section.has("expect") || section.has("send_program");
    }

    private CheckTiming timing() {
        Duration timeout = timeout(section);
        Duration reentry = section.read("reentry", REENTRY, Values.wholeSeconds(0));
        if (reentry.isZero()) {
            reentry = target.reentry().isZero() ? timeout : target.reentry();
        }
        return CheckTiming.nanny(timeout, reentry);
    }

    static Duration timeout(Section section) {
        return section.read("timeout", TIMEOUT, Values.wholeSeconds(1));
    }

    private @Nullable Probe probe() {
        String send = section.read("send", "", each -> Escapes.nanny(Values.word(each)));
        Expectation expect = expectation();
        List<String> program = section.read("send_program", List.of(), Values::command);
        if (!program.isEmpty()) {
            return new Probe.Program(
                    program,
                    expect instanceof Expectation.Prefix prefix
                            ? new Expectation.Exactly(prefix.text())
                            : expect,
                    false);
        }
        if (target.protocol() == ServiceId.UDP) {
            if (send.isEmpty()) {
                section.fault(
                        "protocol",
                        "nothing answers over UDP unless it is asked; write send, send_program or"
                                + " a check block, or unchecked = 1");
                return null;
            }
            return new Probe.SendExpect(
                    true, send, expect == null ? new Expectation.Anything() : expect);
        }
        if (!isAskedFor(section) && target.virtualPort() == HTTP) {
            return new Probe.SendExpect(false, GET, new Expectation.Prefix("HTTP"));
        }
        if (send.isEmpty() && expect == null) {
            return new Probe.TcpConnect();
        }
        return new Probe.SendExpect(
                false, send, expect == null ? new Expectation.Prefix("") : expect);
    }

    private @Nullable Expectation expectation() {
        boolean regex = section.read("use_regex", false, Values::flag);
        Expectation expect =
                section.find(
                        "expect",
                        each -> {
                            String text = Escapes.nanny(Values.word(each));
                            if (regex && !text.isEmpty()) {
                                return new Expectation.Matching(PosixRegex.toJava(text));
                            }
                            return text.equals("*")
                                    ? new Expectation.Anything()
                                    : new Expectation.Prefix(text);
                        });
        boolean nothing = expect instanceof Expectation.Prefix prefix && prefix.text().isEmpty();
        return nothing ? null : expect;
    }
}
