package io.weir.dataplane.io.steering;

import org.jspecify.annotations.Nullable;

/**
 * The programs that see what the kernel has made of a frame. Packet sockets are asked first, then
 * comes the program at the ingress, and what that leaves is the host's.
 */
final class StackPrograms {
    private StackPrograms() {}

    /** For the ingress: forwards known flows, drops the balancer's other frames and counts them. */
    static long[] forIngress(
            EndpointMap endpoints,
            MarkTrie trie,
            MasqueradeMap rules,
            int counter,
            @Nullable FlowMaps flows,
            @Nullable SynGate gate) {
        SteeringProgram program = new SteeringProgram(endpoints, trie, rules, false);
        FlowIngress.forward(program.code, flows);
        if (gate != null) {
            gate.take(program.code, program.takenFromClient);
        }
        program.decide();
        program.placeTaken();
        program.count(counter);
        program.end(2); // TCX_DROP
        program.code.place(program.host);
        program.end(-1); // TCX_NEXT: whatever else is attached, then the host
        return program.code.assemble();
    }

    /**
     * For a worker's packet sockets: accepts what is the balancer's, but for known flows and SYNs
     * that are refused.
     */
    static long[] forSocket(
            EndpointMap endpoints,
            MarkTrie trie,
            MasqueradeMap rules,
            @Nullable FlowMaps flows,
            @Nullable SynGate gate,
            int worker) {
        SteeringProgram program = new SteeringProgram(endpoints, trie, rules, false);
        if (gate != null) {
            gate.refuse(program.code, worker);
        }
        FlowFilter.find(program.code, flows);
        program.decide();
        program.placeTaken();
        if (gate != null) {
            gate.accept(program.code, worker);
        }
        program.end(-1);
        program.code.place(program.host);
        program.end(0);
        return program.code.assemble();
    }
}
