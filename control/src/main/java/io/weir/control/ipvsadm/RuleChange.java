package io.weir.control.ipvsadm;

import io.weir.dataplane.service.Administration;
import io.weir.dataplane.service.RuleResult;

/** Carries out commands that change rules, and words refusals as ipvsadm does. */
final class RuleChange {
    private RuleChange() {}

    /** Tells whether a command changes rules or timeouts, and nothing else. */
    static boolean is(Command command) {
        return switch (command) {
            case ADD_SERVICE,
                    EDIT_SERVICE,
                    DELETE_SERVICE,
                    CLEAR,
                    ADD_SERVER,
                    EDIT_SERVER,
                    DELETE_SERVER,
                    SET ->
                    true;
            default -> false;
        };
    }

    static RuleResult apply(Invocation rule, Administration administration) {
        return switch (rule.command()) {
            case ADD_SERVICE ->
                    administration.addService(rule.requiredService(), rule.serviceSettings());
            case EDIT_SERVICE ->
                    administration.editService(rule.requiredService(), rule.serviceSettings());
            case DELETE_SERVICE -> administration.deleteService(rule.requiredService());
            case ADD_SERVER ->
                    administration.addServer(
                            rule.requiredService(), rule.requiredServer(), rule.serverSettings());
            case EDIT_SERVER ->
                    administration.editServer(
                            rule.requiredService(), rule.requiredServer(), rule.serverSettings());
            case DELETE_SERVER ->
                    administration.deleteServer(rule.requiredService(), rule.requiredServer());
            case ZERO -> administration.zero(rule.service());
            case CLEAR -> {
                administration.clear();
                yield RuleResult.DONE;
            }
            case SET -> {
                administration.setTimeouts(rule.timeouts());
                yield RuleResult.DONE;
            }
            default -> throw new IllegalArgumentException(rule.command() + " changes no rule");
        };
    }

    /** What ipvsadm says when the kernel refuses a command with the error number of a result. */
    static String refusal(Command command, RuleResult result) {
        return switch (result) {
            case DONE -> throw new IllegalArgumentException("not refused");
            case SERVICE_EXISTS, SERVER_EXISTS -> exists(command);
            case NO_SERVICE -> noService(command);
            case NO_SERVER, NO_SCHEDULER -> notFound(command);
            case INVALID ->
                    "Invalid operation.  Possibly wrong module version, address not unicast, ...";
            case NOT_SUPPORTED -> "Operation not supported with specified address family";
            case TOO_MANY -> "Memory allocation problem";
            case OUT_OF_RANGE -> "Numerical result out of range";
            case NEEDS_ONE_WORKER ->
                    "persistence by a mask needs weir run --workers 1: clients of one network may"
                            + " be on different workers";
        };
    }

    private static String exists(Command command) {
        return switch (command) {
            case ADD_SERVICE -> "Service already exists";
            case ADD_SERVER -> "Destination already exists";
            default -> "File exists";
        };
    }

    private static String noService(Command command) {
        return switch (command) {
            case EDIT_SERVICE, DELETE_SERVICE, ZERO -> "No such service";
            case ADD_SERVER, EDIT_SERVER, DELETE_SERVER -> "Service not defined";
            default -> "No such process";
        };
    }

    private static String notFound(Command command) {
        return switch (command) {
            case ADD_SERVICE, EDIT_SERVICE -> "Scheduler or persistence engine not found";
            case EDIT_SERVER, DELETE_SERVER -> "No such destination";
            default -> "No such file or directory";
        };
    }
}
