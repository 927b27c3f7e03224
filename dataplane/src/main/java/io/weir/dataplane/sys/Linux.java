package io.weir.dataplane.sys;

import org.jspecify.annotations.Nullable;

import java.nio.ByteOrder;

/** Tells whether this machine has the kernel that live interfaces need. */
public final class Linux {
    private Linux() {}

    /**
     * Why nothing of this package works here, in one line, or null on a machine where it does.
     * Looks at the operating system only; rights are found missing by the call that needs them.
     */
    public static @Nullable String unsupportedReason() {
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        boolean known = "amd64".equals(processor) || "aarch64".equals(processor);
        if ("Linux".equals(system) && known && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            return null;
        }
        return "live interfaces need Linux on x86-64 or aarch64, this is "
                + system
                + " on "
                + processor
                + "; capture files and in-memory ports work everywhere";
    }
}
