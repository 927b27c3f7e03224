package io.weir.control.api;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** The API's resource tree: which path and method does what, on the pool's threads. */
final class ApiRoutes {
    /** The largest body taken: some 250,000 lines of rules. */
    static final int BODY_LIMIT_BYTES = 16 << 20;

    private static final Logger LOG = System.getLogger("weir.api");

    private final Executor pool;

    private ApiRoutes(Executor pool) {
        this.pool = pool;
    }

    /** What a request does, on a thread that may wait. */
    @FunctionalInterface
    private interface Work {
        void run(RoutingContext request, ResponseStream body)
                throws IOException, Problem.ProblemException;
    }

    static Router create(Vertx vertx, ApiBackend backend, Executor pool, InstantSource clock) {
        ApiRoutes routes = new ApiRoutes(pool);
        IpvsadmResource ipvsadm = new IpvsadmResource(backend.ipvsadm());
        ServicesResource services = new ServicesResource(backend.administration());
        MarksResource marks = new MarksResource(backend.marks());
        MasqueradeResource masquerade = new MasqueradeResource(backend.masquerade());
        SysctlResource sysctls = new SysctlResource(backend.view());
        DaemonResource daemon = new DaemonResource(backend, clock);
        ProcResource proc = new ProcResource(backend.administration());
        RouterResource wishes = new RouterResource(backend.router());
        EventsResource events = new EventsResource(backend.router());

        Router router = Router.router(vertx);
        BodyHandler bodies = BodyHandler.create(false).setBodyLimit(BODY_LIMIT_BYTES);
        routes.serve(router.post("/v1/ipvsadm").handler(bodies), ipvsadm::run);
        routes.serve(router.get("/v1/services"), services::list);
        routes.serve(router.get("/v1/services/:protocol/:address"), services::one);
        routes.serve(router.get("/v1/services/:protocol/:address/:port"), services::one);
        routes.serve(router.get("/v1/connections"), services::connections);
        routes.serve(router.get("/v1/counters"), daemon::counters);
        routes.serve(router.get("/v1/marks"), marks::list);
        routes.serve(router.post("/v1/marks").handler(bodies), marks::add);
        routes.serve(router.put("/v1/marks").handler(bodies), marks::replace);
        routes.serve(router.delete("/v1/marks"), marks::delete);
        routes.serve(router.get("/v1/masquerade"), masquerade::list);
        routes.serve(router.put("/v1/masquerade").handler(bodies), masquerade::replace);
        routes.serve(router.delete("/v1/masquerade"), masquerade::flush);
        routes.serve(router.get("/v1/status"), daemon::status);
        routes.serve(router.get("/v1/proc/:name"), proc::get);
        routes.serve(router.get("/v1/sysctl"), sysctls::list);
        routes.serve(router.patch("/v1/sysctl").handler(bodies), sysctls::patch);
        routes.serve(router.get("/v1/sysctl/:name"), sysctls::get);
        routes.serve(router.put("/v1/sysctl/:name").handler(bodies), sysctls::put);

        routes.serve(router.get("/v1/doctor"), new DoctorResource(backend)::examine);
        routes.serve(router.post("/v1/reload"), wishes::reload);
        routes.serve(router.post("/v1/push"), wishes::push);
        routes.serve(router.post("/v1/failover"), wishes::failover);
        routes.serve(router.post("/v1/checks"), wishes::checkNow);
        routes.serve(router.post("/v1/drain"), wishes::drain);
        routes.serve(router.put("/v1/maintenance").handler(bodies), wishes::maintenance);
        router.get("/v1/events").handler(events::stream);

        problem(router, 400, "the request cannot be understood");
        problem(router, 404, "there is no such resource");
        problem(router, 405, "the resource does not take this method");
        problem(router, 413, "a body has at most " + BODY_LIMIT_BYTES + " bytes");
        problem(router, 500, "the daemon failed; its log says more");
        return router;
    }

    private static void problem(Router router, int status, String detail) {
        router.errorHandler(
                status,
                request -> {
                    Throwable failure = request.failure();
                    if (status == 500 && failure != null) {
                        LOG.log(Level.ERROR, "request " + request.request().path(), failure);
                    }
                    answer(request, Problem.of(status, detail));
                });
    }

    private static void answer(RoutingContext request, Problem problem) {
        request.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(Buffer.buffer(Json.line(problem)));
    }

    private void serve(Route route, Work work) {
        route.handler(
                request -> {
                    ResponseStream body =
                            new ResponseStream(
                                    request.response(), request.vertx().getOrCreateContext());
                    try {
                        pool.execute(() -> run(work, request, body));
                    } catch (RejectedExecutionException e) {
                        answer(request, Problem.of(503, "too many requests at once, try again"));
                    }
                });
    }

    private static void run(Work work, RoutingContext request, ResponseStream body) {
        try {
            work.run(request, body);
        } catch (Problem.ProblemException e) {
            Problem problem = Problem.of(e.status(), e.detail());
            body.onEventLoop(() -> answer(request, problem));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "request " + request.request().path() + ": " + e.getMessage());
            body.onEventLoop(() -> request.request().connection().close());
        } catch (RuntimeException e) {
            body.onEventLoop(() -> fail(request, body, e));
        }
    }

    // What has begun cannot become an error any more; cutting it off tells the client as well.
    private static void fail(
            RoutingContext request, ResponseStream body, RuntimeException failure) {
        if (body.started()) {
            LOG.log(Level.ERROR, "request " + request.request().path(), failure);
            request.request().connection().close();
        } else {
            request.fail(500, failure);
        }
    }
}
