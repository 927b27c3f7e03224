package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R0;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;

import io.weir.dataplane.io.steering.BpfAssembler.Label;

/**
 * The part of the steering program that looks a packet up in the tables of {@link MarkTrie}: its
 * source, then its protocol and destination, then its destination port.
 */
final class MarkSearch {
    private static final int ADDRESS_BITS = 128;
    private static final int PORT_BITS = 16;

    private final BpfAssembler code;
    private final int start;
    private final int trie;
    private final int key;
    private final int index;

    /**
     * Prepares for a program.
     *
     * @param start descriptor of the array that names the first table
     * @param trie descriptor of the tables
     * @param key where on the stack there is room for a key
     * @param index where on the stack there is room for 4 bytes
     */
    MarkSearch(BpfAssembler code, int start, int trie, int key, int index) {
        this.code = code;
        this.start = start;
        this.trie = trie;
        this.key = key;
        this.index = index;
    }

    /**
     * Jumps if the packet is balanced for its mark; spoils R0 to R5.
     *
     * @param source where on the stack the 16 bytes of its source are
     * @param protocol the register that holds its transport protocol
     * @param destination where the 16 bytes of its destination are
     * @param fragment the register that is not zero if it has no port, so that any one will do
     * @param port where its destination port is, in network order
     */
    void jumpIfServed(
            int source, int protocol, int destination, int fragment, int port, Label served) {
        Label miss = new Label();
        code.storeWordImmediate(FRAME, index, 0);
        lookUp(start, index, miss);

        code.storeWordImmediate(FRAME, key, MarkTrie.FIXED_BITS + ADDRESS_BITS);
        code.storeWord(FRAME, key + MarkTrie.TABLE_OFFSET, R1);
        code.storeWordImmediate(FRAME, key + MarkTrie.PROTOCOL_OFFSET, 0);
        copyAddress(source);
        lookUp(trie, key, miss);

        code.storeWord(FRAME, key + MarkTrie.TABLE_OFFSET, R1);
        code.storeWord(FRAME, key + MarkTrie.PROTOCOL_OFFSET, protocol);
        copyAddress(destination);
        lookUp(trie, key, miss);
        code.jumpIfNotEqual(fragment, 0, served);

        code.storeWordImmediate(FRAME, key, MarkTrie.FIXED_BITS + PORT_BITS);
        code.storeWord(FRAME, key + MarkTrie.TABLE_OFFSET, R1);
        code.storeWordImmediate(FRAME, key + MarkTrie.PROTOCOL_OFFSET, 0);
        code.loadHalf(R1, FRAME, port);
        code.storeHalf(FRAME, key + MarkTrie.TAIL_OFFSET, R1);
        lookUp(trie, key, miss);
        code.jump(served);
        code.place(miss);
    }

    private void copyAddress(int from) {
        for (int word = 0; word < 16; word += 4) {
            code.loadWord(R1, FRAME, from + word);
            code.storeWord(FRAME, key + MarkTrie.TAIL_OFFSET + word, R1);
        }
    }

    /** Leaves the value in R1; jumps if there is none, or it is 0. */
    private void lookUp(int map, int at, Label missing) {
        code.loadMap(R1, map);
        code.move(R2, FRAME);
        code.addImmediate(R2, at);
        code.call(SteeringProgram.HELPER_MAP_LOOKUP);
        code.jumpIfEqual(R0, 0, missing);
        code.loadWord(R1, R0, 0);
        code.jumpIfEqual(R1, 0, missing);
    }
}
