package io.weir.dataplane.io.steering;

import static io.weir.dataplane.io.steering.BpfAssembler.FRAME;
import static io.weir.dataplane.io.steering.BpfAssembler.R1;
import static io.weir.dataplane.io.steering.BpfAssembler.R2;
import static io.weir.dataplane.io.steering.BpfAssembler.R7;
import static io.weir.dataplane.io.steering.BpfAssembler.R8;
import static io.weir.dataplane.io.steering.BpfAssembler.R9;

import io.weir.dataplane.io.steering.BpfAssembler.Label;
import io.weir.dataplane.parse.ExtensionHeaders;

/**
 * The part of the steering program that walks over IPv6 extension headers (RFC 8200 section 4), as
 * {@link ExtensionHeaders} does in the worker: the same headers, and no more of them.
 *
 * <p>Written out once for each header instead of as a loop: the verifier of any kernel follows it.
 * A longer chain leaves R8 at an extension header's number, which is no transport's.
 */
final class ExtensionWalk {
    /** Bits of a fragment header's second half word (RFC 8200 section 4.5): offset, and more. */
    static final int ANY_FRAGMENT = 0xfff9;

    /** Of these only what tells a later fragment from the first. */
    static final int LATER_FRAGMENT = 0xfff8;

    private final BpfAssembler code;
    private final int header;
    private final Runnable load;

    /**
     * Prepares to write.
     *
     * @param code where to
     * @param header the place on the stack that the loader fills
     * @param load writes code that copies the 8 bytes at R7 there, or leaves the frame to the host
     */
    ExtensionWalk(BpfAssembler code, int header, Runnable load) {
        this.code = code;
        this.header = header;
        this.load = load;
    }

    /**
     * Writes code that expects R7 at what follows the IPv6 header and R8 its number, and puts both
     * behind the last extension header. R9 becomes the bits of the mask of the fragment header, 0
     * without one.
     */
    void emit(int fragmentMask) {
        Label end = new Label();
        code.moveImmediate(R9, 0);
        for (int i = 0; i < ExtensionHeaders.MOST; i++) {
            step(fragmentMask, end);
        }
        code.place(end);
    }

    private void step(int fragmentMask, Label end) {
        Label options = new Label();
        Label authentication = new Label();
        Label fragment = new Label();
        Label next = new Label();
        code.jumpIfEqual(R8, ExtensionHeaders.HOP_BY_HOP, options);
        code.jumpIfEqual(R8, ExtensionHeaders.ROUTING, options);
        code.jumpIfEqual(R8, ExtensionHeaders.DESTINATION_OPTIONS, options);
        code.jumpIfEqual(R8, ExtensionHeaders.FRAGMENT, fragment);
        code.jumpIfEqual(R8, ExtensionHeaders.AUTHENTICATION, authentication);
        code.jump(end);

        code.place(options);
        load.run();
        code.loadByte(R1, FRAME, header + 1);
        code.addImmediate(R1, 1);
        code.shiftLeft(R1, 3);
        code.add(R7, R1);
        code.jump(next);

        // RFC 4302 section 2.2: counted in 4 bytes, two less than there are.
        code.place(authentication);
        load.run();
        code.loadByte(R1, FRAME, header + 1);
        code.addImmediate(R1, 2);
        code.shiftLeft(R1, 2);
        code.add(R7, R1);
        code.jump(next);

        code.place(fragment);
        load.run();
        code.addImmediate(R7, 8);
        code.loadHalf(R9, FRAME, header + 2);
        code.fromNetworkHalf(R9);
        code.loadByte(R8, FRAME, header);
        code.move(R2, R9);
        code.andImmediate(R9, fragmentMask);
        // What follows a later fragment's header is the middle of something.
        code.jumpIfAnyBit(R2, LATER_FRAGMENT, end);

        code.place(next);
        code.loadByte(R8, FRAME, header);
    }
}
