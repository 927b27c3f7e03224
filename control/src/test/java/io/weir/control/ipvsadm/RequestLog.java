package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.ConnectionListing;
import io.weir.dataplane.service.CounterSnapshot;
import io.weir.dataplane.service.RuleResult;
import io.weir.dataplane.service.ServerId;
import io.weir.dataplane.service.ServerSettings;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceListing;
import io.weir.dataplane.service.ServiceSettings;
import io.weir.dataplane.service.Timeouts;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Answers every change alike and writes down what was asked, as the recorded requests look. */
final class RequestLog implements Administration {
    private final List<String> requests = new ArrayList<>();
    private final RuleResult answer;
    private boolean ipv4Only;

    RequestLog(RuleResult answer) {
        this.answer = answer;
    }

    /** Knows neither IPv6 nor persistence engines, as the kernel's old socket options. */
    static RequestLog ofSocketOptions() {
        RequestLog log = new RequestLog(RuleResult.DONE);
        log.ipv4Only = true;
        return log;
    }

    List<String> requests() {
        return requests;
    }

    private RuleResult log(String request, boolean beyondSocketOptions) {
        requests.add(request);
        return ipv4Only && beyondSocketOptions ? RuleResult.NOT_SUPPORTED : answer;
    }

    private static String text(ServiceId id) {
        String family = " af=" + family(id.address());
        return id.isMark()
                ? family + " mark=" + Integer.toUnsignedString(id.mark())
                : family
                        + (" proto=" + id.protocol())
                        + (" addr=" + text(id.address()))
                        + (" port=" + id.port());
    }

    private static int family(IpAddress address) {
        return address.ipv6() ? 6 : 4;
    }

    private static String text(IpAddress address) {
        String text = EndpointText.of(Names.NONE, true).text(address, 0, 0);
        return address.ipv6()
                ? text.substring(1, text.length() - "]:0".length())
                : text.substring(0, text.length() - ":0".length());
    }

    private static String text(ServiceSettings settings) {
        int flags =
                (settings.persistent() ? 1 : 0)
                        | (settings.onePacket() ? 4 : 0)
                        | settings.schedulerFlags() << 3;
        String engine = settings.persistenceEngine();
        return String.format(
                " sched=%s pe=%s flags=%x/ffffffff timeout=%d netmask=%08x",
                settings.scheduler(),
                engine == null ? "-" : engine,
                flags,
                settings.persistentSeconds(),
                settings.netmask());
    }

    private static String text(ServerId id) {
        return " daf="
                + family(id.address())
                + (" daddr=" + text(id.address()))
                + (" dport=" + id.port());
    }

    private static String text(ServerSettings settings) {
        return String.format(
                " fwd=%d weight=%d u=%d l=%d tt=%d tp=%d tf=%d",
                settings.method().code(),
                settings.weight(),
                settings.upperThreshold(),
                settings.lowerThreshold(),
                settings.tunnel().type().ordinal(),
                settings.tunnel().port(),
                settings.tunnel().checksum().ordinal());
    }

    private static boolean beyond(ServiceId id, @Nullable ServerId server) {
        return id.address().ipv6() || (server != null && server.address().ipv6());
    }

    @Override
    public RuleResult addService(ServiceId id, ServiceSettings settings) {
        return log(
                "NEW_SERVICE" + text(id) + text(settings),
                beyond(id, null) || settings.persistenceEngine() != null);
    }

    @Override
    public RuleResult editService(ServiceId id, ServiceSettings settings) {
        return log(
                "SET_SERVICE" + text(id) + text(settings),
                beyond(id, null) || settings.persistenceEngine() != null);
    }

    @Override
    public RuleResult deleteService(ServiceId id) {
        return log("DEL_SERVICE" + text(id), beyond(id, null));
    }

    @Override
    public RuleResult addServer(ServiceId service, ServerId id, ServerSettings settings) {
        return log("NEW_DEST" + text(service) + text(id) + text(settings), beyond(service, id));
    }

    @Override
    public RuleResult editServer(ServiceId service, ServerId id, ServerSettings settings) {
        return log("SET_DEST" + text(service) + text(id) + text(settings), beyond(service, id));
    }

    @Override
    public RuleResult deleteServer(ServiceId service, ServerId id) {
        return log("DEL_DEST" + text(service) + text(id), beyond(service, id));
    }

    @Override
    public RuleResult drainServer(ServiceId service, ServerId id, boolean draining) {
        throw new UnsupportedOperationException("no command of ipvsadm's does that");
    }

    @Override
    public RuleResult expelServer(ServiceId service, ServerId id) {
        throw new UnsupportedOperationException("no command of ipvsadm's does that");
    }

    @Override
    public void clear() {
        log("FLUSH", false);
    }

    @Override
    public RuleResult zero(@Nullable ServiceId service) {
        return log("ZERO" + (service == null ? "" : text(service)), false);
    }

    @Override
    public void setTimeouts(Timeouts to) {
        log("SET_CONFIG tcp=" + to.tcp() + " fin=" + to.tcpFin() + " udp=" + to.udp(), false);
    }

    @Override
    public Timeouts timeouts() {
        return new Timeouts(900, 120, 300);
    }

    @Override
    public List<ServiceListing> services() {
        return List.of();
    }

    @Override
    public @Nullable ServiceListing service(ServiceId id) {
        return null;
    }

    @Override
    public void connections(Consumer<ConnectionListing> consumer) {}

    @Override
    public CounterSnapshot totals() {
        return CounterSnapshot.ZERO;
    }

    @Override
    public int followedConnections() {
        return 0;
    }

    @Override
    public int connectionCapacity() {
        return 4096;
    }
}
