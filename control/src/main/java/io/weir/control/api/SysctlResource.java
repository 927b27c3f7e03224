package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.control.sysctl.SettingName;
import io.weir.control.sysctl.SysctlException;
import io.weir.control.sysctl.SysctlScript;
import io.weir.dataplane.service.FixedSysctl;
import io.weir.dataplane.service.Sysctl;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** GET and PATCH of /v1/sysctl, GET and PUT of one setting below it. */
final class SysctlResource {
    private final BalancerView view;

    SysctlResource(BalancerView view) {
        this.view = view;
    }

    /** A setting: what it is now and what it is at the start; numbers, or texts of two numbers. */
    record Setting(Object value, Object defaultValue) {}

    /** A setting that cannot be changed here: what it is and why. */
    record Fixed(String value, String fixedBecause) {}

    void list(RoutingContext request, ResponseStream body) throws IOException {
        if ("text/plain".equals(request.request().getHeader("Accept"))) {
            answerText(request, body);
            return;
        }
        Map<String, Object> settings = new TreeMap<>();
        for (Sysctl sysctl : Sysctl.values()) {
            settings.put(sysctl.kernelName(), setting(sysctl));
        }
        for (FixedSysctl sysctl : FixedSysctl.values()) {
            settings.put(sysctl.kernelName(), new Fixed(sysctl.value(), sysctl.reason()));
        }
        answer(request, body, settings);
    }

    // As sysctl -a shows them.
    private void answerText(RoutingContext request, ResponseStream body) throws IOException {
        Map<String, String> settings = new TreeMap<>();
        for (Sysctl sysctl : Sysctl.values()) {
            settings.put(sysctl.kernelName(), sysctl.text(view.sysctl(sysctl)));
        }
        for (FixedSysctl sysctl : FixedSysctl.values()) {
            settings.put(sysctl.kernelName(), sysctl.value());
        }
        StringBuilder text = new StringBuilder();
        settings.forEach(
                (name, value) ->
                        text.append(SettingName.whole(name))
                                .append(" = ")
                                .append(value)
                                .append('\n'));
        request.response().putHeader("Content-Type", "text/plain; charset=utf-8");
        body.write(text.toString().getBytes(StandardCharsets.UTF_8));
        body.end();
    }

    /** Sets what the body says in the form of sysctl.conf, all of it or nothing. */
    void patch(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String text = request.body().asString();
        try {
            SysctlScript.read("line", text == null ? "" : text).applyTo(view::setSysctl);
        } catch (SysctlException e) {
            throw new Problem.ProblemException(422, e.text());
        }
        list(request, body);
    }

    void get(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        answer(request, body, document(request.pathParam("name")));
    }

    void put(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String name = request.pathParam("name");
        Object known = document(name);
        Sysctl sysctl = Sysctl.named(name);
        String text = value(request.body().asString(), sysctl != null && sysctl.isPair());
        String refusal = Sysctl.refusal(name, text);
        if (refusal != null) {
            throw new Problem.ProblemException(422, refusal);
        }
        if (sysctl == null) {
            answer(request, body, known);
        } else {
            view.setSysctl(sysctl, sysctl.parse(text));
            answer(request, body, setting(sysctl));
        }
    }

    private static String value(@Nullable String text, boolean pair)
            throws Problem.ProblemException {
        try {
            JsonNode value = Json.parse(text == null ? "" : text).get("value");
            if (value != null && (pair ? value.isString() : value.isInt())) {
                return value.asString();
            }
        } catch (JacksonException e) {
            // Told below in words that fit the request.
        }
        throw new Problem.ProblemException(
                400,
                "the body must be like " + (pair ? "{\"value\": \"3 50\"}" : "{\"value\": 1}"));
    }

    private Setting setting(Sysctl sysctl) {
        return new Setting(
                shown(sysctl, view.sysctl(sysctl)), shown(sysctl, sysctl.defaultValue()));
    }

    private static Object shown(Sysctl sysctl, long value) {
        return sysctl.isPair() ? sysctl.text(value) : Long.valueOf(value);
    }

    private Object document(String name) throws Problem.ProblemException {
        Sysctl sysctl = Sysctl.named(name);
        FixedSysctl fixed = FixedSysctl.named(name);
        if (sysctl != null) {
            return setting(sysctl);
        }
        if (fixed != null) {
            return new Fixed(fixed.value(), fixed.reason());
        }
        throw new Problem.ProblemException(404, "there is no setting " + name);
    }

    private static void answer(RoutingContext request, ResponseStream body, Object document)
            throws IOException {
        request.response().putHeader("Content-Type", Json.MEDIA_TYPE);
        body.write(Json.document(document));
        body.end();
    }
}
