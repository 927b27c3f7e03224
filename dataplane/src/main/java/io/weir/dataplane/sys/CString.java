package io.weir.dataplane.sys;

import io.weir.dataplane.memory.Memory;
import io.weir.dataplane.memory.NativeBlock;

import java.nio.charset.StandardCharsets;

/** Text as the kernel takes it. */
final class CString {
    private CString() {}

    /** A block that holds the text in UTF-8 and a zero byte; the caller closes it. */
    static NativeBlock of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        NativeBlock block = new NativeBlock(bytes.length + 1L);
        Memory.copyIn(bytes, 0, block.address(), bytes.length);
        return block;
    }
}
