package io.weir.control.ipvsadm;

import io.weir.dataplane.service.ForwardingMethod;
import io.weir.dataplane.service.ServiceId;
import io.weir.dataplane.service.Timeouts;
import io.weir.dataplane.service.TunnelSettings;

import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Reads one command line. The order in which faults are found is ipvsadm's. */
final class InvocationParser {
    private final OptionScanner scanner;
    private final Names names;
    private final Set<Option> given = EnumSet.noneOf(Option.class);
    private final ServiceArguments service = new ServiceArguments();
    private final ServerArguments server = new ServerArguments();
    private final DaemonArguments daemon = new DaemonArguments();
    private Timeouts timeouts = new Timeouts(0, 0, 0);

    private InvocationParser(List<String> words, Names names) {
        this.scanner = new OptionScanner(words);
        this.names = names;
    }

    static Invocation parse(List<String> words, Names names) throws UsageException {
        return new InvocationParser(words, names).parse();
    }

    private Invocation parse() throws UsageException {
        Command command = command();
        if (command != Command.HELP && command != Command.VERSION) {
            readOptions();
            if (command == Command.SET) {
                readTimeouts();
            }
            String leftOver = scanner.leftOver();
            if (leftOver != null) {
                throw UsageException.fault("unexpected argument " + leftOver);
            }
            service.readSchedulerFlags();
            command.requirements().check(given);
            checkTogether(command);
        }
        return new Invocation(
                command,
                given,
                service.id(),
                service.settings(),
                server.id(),
                server.settings(),
                timeouts,
                daemon.daemon());
    }

    private Command command() throws UsageException {
        Switch first = scanner.next();
        Command command = first == null ? null : first.command();
        if (command == null) {
            throw UsageException.hint();
        }
        if (command == Command.START_DAEMON) {
            daemon.role(argument(), "illegal start-daemon parameter specified");
        } else if (command == Command.STOP_DAEMON) {
            daemon.role(argument(), "illegal start_daemon specified");
        }
        return command;
    }

    private void readOptions() throws UsageException {
        for (Switch next = scanner.next(); next != null; next = scanner.next()) {
            if (next.command() != null) {
                throw UsageException.fault("invalid option `" + scanner.lastWord() + "'");
            }
            Option option = next.option();
            if (option != null && !given.add(option)) {
                throw UsageException.fault("multiple '" + option.label() + "' options specified");
            }
            readService(next);
            readServer(next);
            if (scanner.argument() != null) {
                daemon.read(next, argument());
            }
        }
        String error = scanner.error();
        if (error != null) {
            throw UsageException.badOption(scanner.lastWord() + ": " + error);
        }
    }

    private String argument() {
        @Nullable String argument = scanner.argument();
        return argument == null ? "" : argument;
    }

    private void readService(Switch next) throws UsageException {
        switch (next) {
            case TCP_SERVICE -> service.address(argument(), ServiceId.TCP, names);
            case UDP_SERVICE -> service.address(argument(), ServiceId.UDP, names);
            case SCTP_SERVICE -> service.address(argument(), ServiceId.SCTP, names);
            case FWMARK_SERVICE -> service.mark(argument());
            case IPV6 -> service.ipv6();
            case SCHEDULER -> service.scheduler(argument());
            case PERSISTENT -> service.persistent(scanner.argument());
            case NETMASK -> service.netmask(argument());
            case ONE_PACKET -> service.onePacket();
            case PERSISTENCE_ENGINE -> service.engine(argument());
            case SCHEDULER_FLAGS -> service.schedulerFlags(argument());
            default -> {
                // Says nothing of the service.
            }
        }
    }

    private void readServer(Switch next) throws UsageException {
        switch (next) {
            case REAL_SERVER -> server.address(argument(), service, names);
            case MASQUERADING -> server.method(ForwardingMethod.MASQUERADE);
            case IPIP -> server.method(ForwardingMethod.TUNNEL);
            case GATEWAYING -> server.method(ForwardingMethod.ROUTE);
            case WEIGHT -> server.weight(argument());
            case UPPER_THRESHOLD -> server.upper(argument());
            case LOWER_THRESHOLD -> server.lower(argument());
            case TUN_TYPE -> server.tunnel(argument());
            case TUN_PORT -> server.tunnelPort(argument());
            case TUN_NOCSUM -> server.checksum(TunnelSettings.Checksum.NONE);
            case TUN_CSUM -> server.checksum(TunnelSettings.Checksum.FULL);
            case TUN_REMCSUM -> server.checksum(TunnelSettings.Checksum.REMOTE);
            default -> {
                // Says nothing of the server.
            }
        }
    }

    private void readTimeouts() throws UsageException {
        String tcp = scanner.leftOver();
        String tcpFin = scanner.leftOver();
        String udp = scanner.leftOver();
        if (tcp == null || tcpFin == null || udp == null) {
            throw UsageException.fault("--set option requires 3 timeout values");
        }
        timeouts =
                new Timeouts(
                        ServiceArguments.timeout(tcp, 0),
                        ServiceArguments.timeout(tcpFin, 0),
                        ServiceArguments.timeout(udp, 0));
    }

    private void checkTogether(Command command) throws UsageException {
        switch (command) {
            case ADD_SERVICE, EDIT_SERVICE -> service.check();
            case ADD_SERVER, EDIT_SERVER -> server.finish(service, given);
            case LIST -> checkListing();
            default -> {
                // Nothing that could conflict.
            }
        }
    }

    private void checkListing() throws UsageException {
        boolean noServices = given.contains(Option.TIMEOUT) || given.contains(Option.DAEMON);
        boolean counters =
                given.contains(Option.STATS)
                        || given.contains(Option.RATE)
                        || given.contains(Option.THRESHOLDS);
        if (((noServices || given.contains(Option.CONNECTION)) && counters)
                || (noServices && given.contains(Option.PERSISTENT_CONN))) {
            throw UsageException.fault("options conflicts in the list command");
        }
    }
}
