package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;

import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.masquerade.MasqueradeTable;

/** The part of the steering program that compares a packet with each rule of a MasqueradeMap. */
final class MasqueradeSearch {
    private static final int SCTP = 132;

    private final BpfAssembler code;
    private final MasqueradeMap rules;
    private final int block;
    private final int index;

    /**
     * Prepares for a program.
     *
     * @param block where on the stack there is room for a packet's block
     * @param index where on the stack there is room for 4 bytes
     */
    MasqueradeSearch(BpfAssembler code, MasqueradeMap rules, int block, int index) {
        this.code = code;
        this.rules = rules;
        this.block = block;
        this.index = index;
    }

    /**
     * Writes the packet's block; spoils R1.
     *
     * @param protocol the register that holds its transport protocol
     * @param port where on the stack the server's port is, in network order
     * @param server where the 16 bytes of the server's address are
     * @param other where the 16 bytes of the other end's address are
     */
    void prepare(int protocol, int port, int server, int other) {
        code.storeByte(FRAME, block, protocol);
        code.storeByteImmediate(FRAME, block + 1, 0);
        code.loadHalf(R1, FRAME, port);
        code.storeHalf(FRAME, block + MasqueradeMap.PORT_OFFSET, R1);
        for (int word = 0; word < 16; word += 4) {
            code.loadWord(R1, FRAME, server + word);
            code.storeWord(FRAME, block + MasqueradeMap.SOURCE_OFFSET + word, R1);
            code.loadWord(R1, FRAME, other + word);
            code.storeWord(FRAME, block + MasqueradeMap.DESTINATION_OFFSET + word, R1);
        }
    }

    /** Jumps if a rule matches what was prepared; spoils R0 to R5. */
    void jumpIfMatched(Label matched) {
        Label none = new Label();
        code.loadByte(R1, FRAME, block);
        code.jumpIfEqual(R1, SCTP, none);
        code.storeWordImmediate(FRAME, index, 0);
        lookUp(rules.current(), none);
        code.loadWord(R1, R0, 0);
        code.jumpIfEqual(R1, 0, none);
        code.addImmediate(R1, -1);
        code.storeWord(FRAME, index, R1);
        lookUp(rules.tables(), none);
        for (int i = 0; i < MasqueradeTable.CAPACITY; i++) {
            compare(i * MasqueradeMap.RULE_BYTES, matched);
        }
        code.place(none);
    }

    private void compare(int rule, Label matched) {
        Label different = new Label();
        for (int word = 0; word < MasqueradeMap.BLOCK_BYTES; word += 4) {
            code.loadWord(R1, FRAME, block + word);
            code.loadWord(R2, R0, rule + MasqueradeMap.MASK_OFFSET + word);
            code.and(R1, R2);
            code.loadWord(R2, R0, rule + word);
            code.jumpIfDifferent(R1, R2, different);
        }
        code.jump(matched);
        code.place(different);
    }

    private void lookUp(int map, Label missing) {
        code.loadMap(R1, map);
        code.move(R2, FRAME);
        code.addImmediate(R2, index);
        code.call(SteeringProgram.HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, missing);
    }
}
