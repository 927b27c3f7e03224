package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.control.proc.ProcFile;
import io.weir.dataplane.service.Administration;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** GET of the files that the kernel's IPVS has in /proc/net, below /v1/proc. */
final class ProcResource {
    private final Administration administration;

    ProcResource(Administration administration) {
        this.administration = administration;
    }

    void get(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        String name = request.pathParam("name");
        ProcFile file = ProcFile.named(name);
        if (file == null) {
            throw new Problem.ProblemException(
                    404, "IPVS has no file " + name + ", but " + ProcFile.names());
        }
        request.response().putHeader("Content-Type", "text/plain; charset=utf-8");
        Writer text = new OutputStreamWriter(body, StandardCharsets.UTF_8);
        file.write(administration, text);
        text.flush();
        body.end();
    }
}
