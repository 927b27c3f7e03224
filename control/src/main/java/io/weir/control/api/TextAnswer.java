package io.weir.control.api;

import io.vertx.core.http.HttpServerResponse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The answer for people and their scripts: the command's standard output as it is, or a problem
 * with its standard error if it failed.
 *
 * <p>A command that fails after so much output that the answer had to begin cannot take back its
 * status; then the error text follows the output and the trailer Weir-Exit-Code tells.
 */
final class TextAnswer implements CommandAnswer {
    static final String EXIT_CODE = "Weir-Exit-Code";

    private final HttpServerResponse response;
    private final ResponseStream output;
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    TextAnswer(HttpServerResponse response, ResponseStream output) {
        this.response = response;
        this.output = output;
        response.putHeader("Content-Type", "text/plain; charset=utf-8");
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public OutputStream errors() {
        return errors;
    }

    @Override
    public void finish(int exitCode) throws IOException {
        String code = Integer.toString(exitCode);
        if (output.started()) {
            errors.writeTo(output);
            response.putTrailer(EXIT_CODE, code);
        } else {
            response.putHeader(EXIT_CODE, code);
            if (exitCode == 0) {
                errors.writeTo(output);
            } else {
                String detail = errors.toString(StandardCharsets.UTF_8).strip();
                output.discard();
                response.setStatusCode(422).putHeader("Content-Type", Problem.MEDIA_TYPE);
                output.write(Json.line(Problem.ofCommand(detail, exitCode)));
            }
        }
        output.end();
    }
}
