package io.weir.control.check.probe;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.weir.control.config.Probe;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The body of an answer of which something is expected, as far as it has come. */
final class HttpBody {
    private static final int MD5_DIGITS = 32;

    private final Probe.Http page;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    HttpBody(Probe.Http page) {
        this.page = page;
    }

    /** Takes more of it; the bytes are not consumed. */
    void add(ByteBuf more) {
        bytes.writeBytes(ByteBufUtil.getBytes(more));
    }

    /** What is wrong with the whole of it; null if it is good. */
    @Nullable String fault() {
        String digest = page.digest();
        if (digest != null) {
            String algorithm = digest.length() == MD5_DIGITS ? "MD5" : "SHA-256";
            String found = digest(algorithm);
            if (!found.equalsIgnoreCase(digest)) {
                return algorithm + " of the body is " + found + ", expected " + digest;
            }
        }
        Probe.Expectation expected = page.body();
        return expected == null
                ? null
                : ExpectedText.fault(expected, bytes.toString(StandardCharsets.ISO_8859_1));
    }

    private String digest(String algorithm) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance(algorithm).digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has " + algorithm, e);
        }
    }
}
