package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.dataplane.service.FixedSysctl;
import io.weir.dataplane.service.Sysctl;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** GET /v1/sysctl, and GET and PUT of one setting below it. */
final class SysctlResource {
    private final BalancerView view;

    SysctlResource(BalancerView view) {
        this.view = view;
    }

    /** A setting: what it is now and what it is at the start. */
    record Setting(int value, int defaultValue) {}

    /** A setting that cannot be changed here: what it is and why. */
    record Fixed(String value, String fixedBecause) {}

    void list(RoutingContext request, ResponseStream body) throws IOException {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (Sysctl sysctl : Sysctl.values()) {
            settings.put(sysctl.kernelName(), setting(sysctl));
        }
        answer(request, body, settings);
    }

    void get(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        answer(request, body, document(request.pathParam("name")));
    }

    void put(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String name = request.pathParam("name");
        Object known = document(name);
        int value = value(request.body().asString());
        String refusal = Sysctl.refusal(name, Integer.toString(value));
        if (refusal != null) {
            throw new Problem.ProblemException(422, refusal);
        }
        Sysctl sysctl = Sysctl.named(name);
        if (sysctl == null) {
            answer(request, body, known);
        } else {
            view.setSysctl(sysctl, value);
            answer(request, body, setting(sysctl));
        }
    }

    private static int value(@Nullable String text) throws Problem.ProblemException {
        try {
            JsonNode value = Json.parse(text == null ? "" : text).get("value");
            if (value != null && value.isInt()) {
                return value.intValue();
            }
        } catch (JacksonException e) {
            // Told below in words that fit the request.
        }
        throw new Problem.ProblemException(400, "the body must be like {\"value\": 1}");
    }

    private Setting setting(Sysctl sysctl) {
        return new Setting(view.sysctl(sysctl), sysctl.defaultValue());
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
