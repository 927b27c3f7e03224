package io.weir.control.api;

import io.vertx.ext.web.RoutingContext;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;

/** GET /v1/services, one service below it, and /v1/connections. */
final class ServicesResource {
    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,10}");

    private final Administration administration;

    ServicesResource(Administration administration) {
        this.administration = administration;
    }

    void list(RoutingContext request, ResponseStream body) throws IOException {
        List<ServiceDocument> documents =
                administration.services().stream().map(ServiceDocument::of).toList();
        request.response().putHeader("Content-Type", Json.MEDIA_TYPE);
        body.write(Json.document(documents));
        body.end();
    }

    void one(RoutingContext request, ResponseStream body)
            throws IOException, Problem.ProblemException {
        ServiceId id = id(request);
        ServiceListing listing = id == null ? null : administration.service(id);
        if (listing == null) {
            throw new Problem.ProblemException(
                    404, "there is no service " + request.request().path());
        }
        request.response().putHeader("Content-Type", Json.MEDIA_TYPE);
        body.write(Json.document(ServiceDocument.of(listing)));
        body.end();
    }

    private static @Nullable ServiceId id(RoutingContext request) {
        String family = request.pathParam("protocol");
        if (family.equals("mark") || family.equals("mark6")) {
            long mark = number(request.pathParam("address"), 0xffffffffL);
            return mark <= 0 || request.pathParam("port") != null
                    ? null
                    : ServiceId.ofMark((int) mark, family.equals("mark6"));
        }
        int protocol = Protocols.number(family);
        IpAddress address = IpAddress.parse(request.pathParam("address"));
        String portText = request.pathParam("port");
        long port = portText == null ? -1 : number(portText, 0xffff);
        return protocol < 0 || address == null || port < 0
                ? null
                : ServiceId.of(protocol, address, (int) port);
    }

    private static long number(String text, long maximum) {
        if (!DECIMAL.matcher(text).matches()) {
            return -1;
        }
        long value = Long.parseLong(text);
        return value <= maximum ? value : -1;
    }

    // One object a line: a document of a million connections could be neither built nor parsed.
    void connections(RoutingContext request, ResponseStream body) throws IOException {
        request.response().putHeader("Content-Type", "application/x-ndjson");
        try {
            administration.connections(
                    connection -> {
                        try {
                            body.write(Json.line(ConnectionDocument.of(connection)));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        body.end();
    }
}
