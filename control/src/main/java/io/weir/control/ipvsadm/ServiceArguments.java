package io.weir.control.ipvsadm;

import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.ServiceSettings;

import org.jspecify.annotations.Nullable;

/**
 * Collects what a command line says of a virtual service. The order counts as in ipvsadm: an
 * address decides how a mask behind it is read, -6 only works behind -f.
 */
final class ServiceArguments {
    private static final String DEFAULT_SCHEDULER = "wlc";
    private static final int MAX_SCHEDULER_NAME = 15;
    private static final int MAX_ENGINE_NAME = 16;
    private static final int DEFAULT_PERSISTENCE_SECONDS = 360;
    private static final int WHOLE_V6_ADDRESS = 128;
    private static final long MAX_MARK = 0xffffffffL;
    private static final int MAX_TIMEOUT_SECONDS = 31 * 24 * 3600;

    private int protocol;
    private @Nullable IpAddress address;
    private int port;
    private int mark;
    private boolean ipv6;
    private String scheduler = "";
    private @Nullable String schedulerFlags;
    private int flags;
    private int persistentSeconds;
    private int netmask = ServiceSettings.WHOLE_ADDRESS;
    private boolean onePacket;
    private String engine = "";

    void address(String text, int ipProtocol, Names names) throws UsageException {
        protocol = ipProtocol;
        Endpoint endpoint = Endpoint.parse(text, ipProtocol, names);
        if (endpoint == null) {
            throw UsageException.fault("illegal virtual server address[:port] specified");
        }
        address = endpoint.address();
        port = Math.max(0, endpoint.port());
        ipv6 = address.ipv6();
        if (ipv6) {
            netmask = WHOLE_V6_ADDRESS;
        }
    }

    void mark(String text) throws UsageException {
        long number = Numeral.parse(text, 1, MAX_MARK);
        if (number < 0) {
            throw UsageException.fault("invalid fwmark value `" + text + "' specified");
        }
        // Names of a marked service's server ports are looked up as TCP's.
        protocol = ServiceId.TCP;
        mark = (int) number;
    }

    void ipv6() throws UsageException {
        if (mark == 0) {
            throw UsageException.fault("-6 used before -f\n");
        }
        ipv6 = true;
        netmask = WHOLE_V6_ADDRESS;
    }

    void scheduler(String name) {
        scheduler = name.substring(0, Math.min(name.length(), MAX_SCHEDULER_NAME));
    }

    void persistent(@Nullable String seconds) throws UsageException {
        persistentSeconds = seconds == null ? DEFAULT_PERSISTENCE_SECONDS : timeout(seconds, 1);
    }

    static int timeout(String text, int min) throws UsageException {
        int seconds = (int) Numeral.parse(text, min, MAX_TIMEOUT_SECONDS);
        if (seconds < 0) {
            throw UsageException.fault("invalid timeout value `" + text + "' specified");
        }
        return seconds;
    }

    void netmask(String text) throws UsageException {
        if (ipv6) {
            netmask = Numeral.leading(text);
            if (netmask < 1 || netmask > WHOLE_V6_ADDRESS) {
                throw UsageException.fault("illegal ipv6 netmask specified");
            }
            return;
        }
        IpAddress mask = ClassicAddress.parse(text);
        if (mask == null) {
            throw UsageException.fault("illegal virtual server persistent mask specified");
        }
        netmask = mask.v4();
    }

    void onePacket() {
        onePacket = true;
    }

    void engine(String name) {
        engine = name.substring(0, Math.min(name.length(), MAX_ENGINE_NAME));
    }

    void schedulerFlags(String text) {
        schedulerFlags = text;
    }

    /** Reads the flags; only now because the scheduler may have been named behind them. */
    void readSchedulerFlags() throws UsageException {
        if (schedulerFlags != null) {
            flags = SchedulerFlags.parse(schedulerFlags, scheduler);
        }
    }

    /** Finds what ipvsadm does not let through when a service is added or edited. */
    void check() throws UsageException {
        if (mark == 0 && port == 0 && persistentSeconds == 0) {
            throw UsageException.fault("Zero port specified for non-persistent service");
        }
        if (onePacket && mark == 0 && protocol != ServiceId.UDP) {
            throw UsageException.fault("One-Packet Scheduling is only for UDP virtual services");
        }
    }

    /** 0 as long as neither an address nor a mark was read. */
    int protocol() {
        return protocol;
    }

    int port() {
        return port;
    }

    boolean isMark() {
        return mark != 0;
    }

    boolean isIpv6() {
        return ipv6;
    }

    /** The service, or null if none was named. */
    @Nullable ServiceId id() {
        if (mark != 0) {
            return ServiceId.ofMark(mark, ipv6);
        }
        return address == null ? null : ServiceId.of(protocol, address, port);
    }

    ServiceSettings settings() {
        return new ServiceSettings(
                scheduler.isEmpty() ? DEFAULT_SCHEDULER : scheduler,
                flags,
                persistentSeconds,
                netmask,
                onePacket,
                engine.isEmpty() ? null : engine);
    }
}
