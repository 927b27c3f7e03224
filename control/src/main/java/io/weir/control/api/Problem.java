package io.weir.control.api;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.netty.handler.codec.http.HttpResponseStatus;

import org.jspecify.annotations.Nullable;

import java.io.Serial;

/**
 * An error answer, as RFC 9457 lays it out.
 *
 * @param type always about:blank, which says that the status tells the kind of problem (§4.2.1)
 * @param title the status code's name
 * @param status the HTTP status code
 * @param detail what was wrong with this request, and where
 * @param exitCode the exit code of a command that failed, else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Problem(String type, String title, int status, String detail, @Nullable Integer exitCode) {
    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(int status, String detail) {
        return new Problem("about:blank", title(status), status, detail, null);
    }

    static Problem ofCommand(String detail, int exitCode) {
        return new Problem("about:blank", title(422), 422, detail, exitCode);
    }

    private static String title(int status) {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }

    /** Ends a request with an error answer. */
    static final class ProblemException extends Exception {
        @Serial private static final long serialVersionUID = 1L;

        private final int status;
        private final String detail;

        ProblemException(int status, String detail) {
            super(detail);
            this.status = status;
            this.detail = detail;
        }

        String detail() {
            return detail;
        }

        int status() {
            return status;
        }
    }
}
