package io.weir.control.push;

import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.weir.control.config.PushConfig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What both ends of the channel have in common: TLS 1.3, a certificate each, and whom they trust.
 */
final class PushTls {
    static final Set<String> PROTOCOLS = Set.of("TLSv1.3");

    private PushTls() {}

    /**
     * Makes sure that the files are there before anything is begun.
     *
     * @throws IOException with one line that says which is not
     */
    static void check(PushConfig config) throws IOException {
        readable(config.certificate(), "certificate");
        readable(config.key(), "private key");
        readable(config.trust(), "partner's certificate");
    }

    private static void readable(Path file, String what) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(
                    "the "
                            + what
                            + " "
                            + file
                            + " cannot be read; weir push --make-keys makes a pair of keys");
        }
    }

    static PemKeyCertOptions identity(PushConfig config) {
        return new PemKeyCertOptions()
                .addCertPath(config.certificate().toString())
                .addKeyPath(config.key().toString());
    }

    static PemTrustOptions trust(PushConfig config) {
        return new PemTrustOptions().addCertPath(config.trust().toString());
    }
}
