package io.weir.control.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;

/** POST /v1/ipvsadm: one command of the ipvsadm family, run here and answered as it would print. */
final class IpvsadmResource {
    private final CommandInterpreter interpreter;

    IpvsadmResource(CommandInterpreter interpreter) {
        this.interpreter = interpreter;
    }

    void run(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        List<String> programs = request.queryParam("program");
        String program = programs.isEmpty() ? "ipvsadm" : programs.getFirst();
        switch (program) {
            case "ipvsadm", "ipvsadm-save", "ipvsadm-restore" -> {}
            default -> throw new Problem.ProblemException(400, "there is no program " + program);
        }
        Buffer input = request.body().buffer();
        CommandAnswer answer = answer(request, body);
        int exitCode =
                interpreter.run(
                        program,
                        request.queryParam("arg"),
                        new ByteArrayInputStream(input == null ? new byte[0] : input.getBytes()),
                        answer.output(),
                        answer.errors());
        answer.finish(exitCode);
    }

    private static CommandAnswer answer(RoutingContext request, ResponseStream body) {
        if (FramedAnswer.MEDIA_TYPE.equals(request.request().getHeader("Accept"))) {
            request.response().putHeader("Content-Type", FramedAnswer.MEDIA_TYPE);
            return new FramedAnswer(body);
        }
        return new TextAnswer(request.response(), body);
    }
}
