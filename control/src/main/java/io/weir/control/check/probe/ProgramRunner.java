package io.weir.control.check.probe;

import io.netty.channel.EventLoop;
import io.weir.control.config.CheckConfig;
import io.weir.control.config.Probe;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** Runs a check program and looks at its exit code and at what it printed. */
final class ProgramRunner implements ProbeRunner {
    private static final int FIRST_WEIGHT_CODE = 2;
    private static final int CANNOT_EXECUTE = 126;
    private static final int NOT_FOUND = 127;

    private final ProgramPool pool;

    ProgramRunner(ProgramPool pool) {
        this.pool = pool;
    }

    @Override
    public Attempt start(CheckConfig check, EventLoop loop, ResultSink result) {
        Probe.Program program = (Probe.Program) check.probe();
        return pool.run(
                program.command(),
                check.address(),
                check.port(),
                loop,
                end -> result.ended(judge(program, end)));
    }

    /** What the end of a program says about the server. */
    static ProbeResult judge(Probe.Program program, ProgramPool.End end) {
        return switch (end) {
            case ProgramPool.End.Refusal(IOException reason) -> SocketFault.result(reason);
            case ProgramPool.End.Exit(int code, String output) -> judge(program, code, output);
        };
    }

    private static ProbeResult judge(Probe.Program program, int code, String output) {
        if (code == CANNOT_EXECUTE || code == NOT_FOUND) {
            @Nullable String missing = ProgramFile.missingInterpreter(program.command().getFirst());
            if (missing != null) {
                return ProbeResult.failed(
                        "its interpreter " + missing + " is missing or not executable");
            }
        }
        boolean tellsWeight = program.dynamicWeight() && code >= FIRST_WEIGHT_CODE;
        String ending = "exit code " + code;
        if (code != 0 && !tellsWeight) {
            return ProbeResult.failed(
                    output.isEmpty() ? ending : ending + ", " + ExpectedText.shown(output));
        }
        @Nullable String fault =
                program.expect() == null ? null : ExpectedText.fault(program.expect(), output);
        if (fault != null) {
            return ProbeResult.failed(fault);
        }
        return tellsWeight
                ? ProbeResult.passed(ending, code - FIRST_WEIGHT_CODE)
                : ProbeResult.passed(ending);
    }
}
