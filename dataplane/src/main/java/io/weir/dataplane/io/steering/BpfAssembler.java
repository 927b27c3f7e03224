package io.weir.dataplane.io.steering;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes programs in the instruction set of RFC 9669, one method for each instruction used.
 *
 * <p>An instruction is 8 bytes: opcode, the two registers, a 16-bit offset and a 32-bit immediate.
 * Jumps name a {@link Label}, whose distance is filled in at the end.
 */
public final class BpfAssembler {
    /** Results of calls and of the program; the others are named as in RFC 9669. */
    public static final int R0 = 0;

    public static final int R1 = 1;
    public static final int R2 = 2;
    public static final int R3 = 3;
    public static final int R4 = 4;
    public static final int R5 = 5;
    public static final int R6 = 6;
    public static final int R7 = 7;
    public static final int R8 = 8;
    public static final int R9 = 9;

    /** The end of the 512 bytes of stack, which are addressed with negative offsets. */
    public static final int FRAME = 10;

    private static final int LOAD_IMMEDIATE_64 = 0x18;
    private static final int LOAD_WORD = 0x61;
    private static final int LOAD_HALF = 0x69;
    private static final int LOAD_BYTE = 0x71;
    private static final int LOAD_DOUBLE = 0x79;
    private static final int STORE_WORD_IMMEDIATE = 0x62;
    private static final int STORE_HALF_IMMEDIATE = 0x6a;
    private static final int STORE_BYTE_IMMEDIATE = 0x72;
    private static final int STORE_WORD = 0x63;
    private static final int STORE_HALF = 0x6b;
    private static final int STORE_BYTE = 0x73;
    private static final int STORE_DOUBLE = 0x7b;
    private static final int ADD_IMMEDIATE = 0x07;
    private static final int ADD = 0x0f;
    private static final int AND = 0x5f;
    private static final int AND_IMMEDIATE = 0x57;
    private static final int MULTIPLY = 0x2f;
    private static final int XOR = 0xaf;
    private static final int SHIFT_LEFT_IMMEDIATE = 0x67;
    private static final int SHIFT_RIGHT_IMMEDIATE = 0x77;
    private static final int MOVE_IMMEDIATE = 0xb7;
    private static final int MOVE = 0xbf;
    private static final int TO_BIG_ENDIAN = 0xdc;
    private static final int JUMP = 0x05;
    private static final int JUMP_EQUAL = 0x15;
    private static final int JUMP_SET = 0x45;
    private static final int JUMP_NOT_EQUAL = 0x55;
    private static final int JUMP_SAME = 0x1d;
    private static final int JUMP_DIFFERENT = 0x5d;
    private static final int JUMP_GREATER_IMMEDIATE = 0x25;
    private static final int JUMP_WORD_NOT_EQUAL = 0x56;
    private static final int JUMP_LESS = 0xa5;
    private static final int JUMP_ABOVE = 0x2d;
    private static final int ATOMIC_WORD = 0xc3;
    private static final int ATOMIC_DOUBLE = 0xdb;
    private static final int FETCH = 0x01;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;

    /** In the source register of a 64-bit load: the immediate is a map's descriptor. */
    private static final int PSEUDO_MAP = 1;

    private static final int UNPLACED = -1;

    private final List<Instruction> instructions = new ArrayList<>();

    private record Instruction(
            int opcode, int to, int from, int offset, int immediate, Label target) {}

    /** A place in the program that jumps can name before it is known. */
    public static final class Label {
        private int position = UNPLACED;
    }

    private static final Label NOWHERE = new Label();

    private void emit(int opcode, int to, int from, int offset, int immediate) {
        instructions.add(new Instruction(opcode, to, from, offset, immediate, NOWHERE));
    }

    private void emitJump(int opcode, int register, int immediate, Label target) {
        instructions.add(new Instruction(opcode, register, 0, 0, immediate, target));
    }

    /** Puts the label before the next instruction. */
    public void place(Label label) {
        label.position = instructions.size();
    }

    public void move(int to, int from) {
        emit(MOVE, to, from, 0, 0);
    }

    public void moveImmediate(int to, int value) {
        emit(MOVE_IMMEDIATE, to, 0, 0, value);
    }

    public void add(int to, int from) {
        emit(ADD, to, from, 0, 0);
    }

    public void addImmediate(int to, int value) {
        emit(ADD_IMMEDIATE, to, 0, 0, value);
    }

    public void and(int to, int from) {
        emit(AND, to, from, 0, 0);
    }

    public void multiply(int to, int from) {
        emit(MULTIPLY, to, from, 0, 0);
    }

    public void xor(int to, int from) {
        emit(XOR, to, from, 0, 0);
    }

    public void andImmediate(int to, int value) {
        emit(AND_IMMEDIATE, to, 0, 0, value);
    }

    public void shiftLeft(int to, int bits) {
        emit(SHIFT_LEFT_IMMEDIATE, to, 0, 0, bits);
    }

    public void shiftRight(int to, int bits) {
        emit(SHIFT_RIGHT_IMMEDIATE, to, 0, 0, bits);
    }

    /** Turns a 16-bit number loaded from a header into the machine's order. */
    public void fromNetworkHalf(int register) {
        emit(TO_BIG_ENDIAN, register, 0, 0, 16);
    }

    /** Turns a 32-bit number loaded from a header into the machine's order. */
    public void fromNetworkWord(int register) {
        emit(TO_BIG_ENDIAN, register, 0, 0, 32);
    }

    /** Loads all 64 bits. */
    public void loadNumber(int to, long number) {
        emit(LOAD_IMMEDIATE_64, to, 0, 0, (int) number);
        emit(0, 0, 0, 0, (int) (number >>> 32));
    }

    public void loadByte(int to, int base, int offset) {
        emit(LOAD_BYTE, to, base, offset, 0);
    }

    public void loadHalf(int to, int base, int offset) {
        emit(LOAD_HALF, to, base, offset, 0);
    }

    public void loadWord(int to, int base, int offset) {
        emit(LOAD_WORD, to, base, offset, 0);
    }

    public void loadDouble(int to, int base, int offset) {
        emit(LOAD_DOUBLE, to, base, offset, 0);
    }

    public void storeByte(int base, int offset, int from) {
        emit(STORE_BYTE, base, from, offset, 0);
    }

    public void storeHalf(int base, int offset, int from) {
        emit(STORE_HALF, base, from, offset, 0);
    }

    public void storeWord(int base, int offset, int from) {
        emit(STORE_WORD, base, from, offset, 0);
    }

    public void storeDouble(int base, int offset, int from) {
        emit(STORE_DOUBLE, base, from, offset, 0);
    }

    public void storeByteImmediate(int base, int offset, int value) {
        emit(STORE_BYTE_IMMEDIATE, base, 0, offset, value);
    }

    public void storeHalfImmediate(int base, int offset, int value) {
        emit(STORE_HALF_IMMEDIATE, base, 0, offset, value);
    }

    public void storeWordImmediate(int base, int offset, int value) {
        emit(STORE_WORD_IMMEDIATE, base, 0, offset, value);
    }

    /** Adds to a 32-bit number in memory, which others may do at the same time. */
    void atomicAddWord(int base, int offset, int from) {
        emit(ATOMIC_WORD, base, from, offset, 0);
    }

    /** Adds to a 64-bit number in memory, which others may do at the same time. */
    void atomicAddDouble(int base, int offset, int from) {
        emit(ATOMIC_DOUBLE, base, from, offset, 0);
    }

    /** Adds to a 64-bit number in memory as others may, and leaves what it was in the register. */
    void atomicFetchAddDouble(int base, int offset, int register) {
        emit(ATOMIC_DOUBLE, base, register, offset, FETCH);
    }

    /** Loads the address of a map, given by the descriptor that holds it. */
    public void loadMap(int to, int mapDescriptor) {
        emit(LOAD_IMMEDIATE_64, to, PSEUDO_MAP, 0, mapDescriptor);
        emit(0, 0, 0, 0, 0);
    }

    public void jump(Label target) {
        emitJump(JUMP, 0, 0, target);
    }

    public void jumpIfEqual(int register, int value, Label target) {
        emitJump(JUMP_EQUAL, register, value, target);
    }

    public void jumpIfNotEqual(int register, int value, Label target) {
        emitJump(JUMP_NOT_EQUAL, register, value, target);
    }

    /** Compares two registers. */
    void jumpIfSame(int register, int other, Label target) {
        instructions.add(new Instruction(JUMP_SAME, register, other, 0, 0, target));
    }

    /** Compares two registers. */
    public void jumpIfDifferent(int register, int other, Label target) {
        instructions.add(new Instruction(JUMP_DIFFERENT, register, other, 0, 0, target));
    }

    /** Compares two registers without sign. */
    public void jumpIfAbove(int register, int other, Label target) {
        instructions.add(new Instruction(JUMP_ABOVE, register, other, 0, 0, target));
    }

    /** Compares without sign. */
    void jumpIfGreater(int register, int value, Label target) {
        emitJump(JUMP_GREATER_IMMEDIATE, register, value, target);
    }

    /** Compares the low 32 bits; the others extend the value's sign. */
    void jumpIfWordNotEqual(int register, int value, Label target) {
        emitJump(JUMP_WORD_NOT_EQUAL, register, value, target);
    }

    /** Compares without sign. */
    public void jumpIfLess(int register, int value, Label target) {
        emitJump(JUMP_LESS, register, value, target);
    }

    /** Jumps if the register and the value have a bit in common. */
    public void jumpIfAnyBit(int register, int value, Label target) {
        emitJump(JUMP_SET, register, value, target);
    }

    /** Calls a helper of the kernel with R1 to R5; R0 is its result, R6 to R9 survive. */
    public void call(int helper) {
        emit(CALL, 0, 0, 0, helper);
    }

    public void exit() {
        emit(EXIT, 0, 0, 0, 0);
    }

    /**
     * The program as the kernel takes it.
     *
     * @throws IllegalStateException if a jump's label was never placed or is too far away
     */
    public long[] assemble() {
        long[] words = new long[instructions.size()];
        for (int i = 0; i < words.length; i++) {
            Instruction instruction = instructions.get(i);
            int offset = instruction.offset;
            if (instruction.target != NOWHERE) {
                offset = instruction.target.position - i - 1;
                if (instruction.target.position == UNPLACED || offset != (short) offset) {
                    throw new IllegalStateException("no way for the jump at " + i);
                }
            }
            words[i] =
                    instruction.opcode
                            | (long) instruction.to << 8
                            | (long) instruction.from << 12
                            | (offset & 0xffffL) << 16
                            | (long) instruction.immediate << 32;
        }
        return words;
    }
}
