package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;

import javax.net.ssl.TrustManagerFactory;

/** The certification authorities that the system trusts. */
final class TrustedAuthorities {
    // Debian and Ubuntu, Fedora and RHEL, SUSE.
    private static final List<Path> BUNDLES =
            List.of(
                    Path.of("/etc/ssl/certs/ca-certificates.crt"),
                    Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
                    Path.of("/etc/ssl/ca-bundle.pem"));

    private TrustedAuthorities() {}

    /** The file of the system's authorities; null where none is found. */
    static @Nullable Path bundle() {
        return BUNDLES.stream().filter(Files::isReadable).findFirst().orElse(null);
    }

    /**
     * Reads authorities, which takes some hundredths of a second.
     *
     * @param bundle certificates in PEM; null for the ones that come with Java
     */
    static TrustManagerFactory read(@Nullable Path bundle)
            throws IOException, GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(bundle == null ? null : keys(bundle));
        return factory;
    }

    private static KeyStore keys(Path bundle) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
        keys.load(null, null);
        int number = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(bundle))) {
            CertificateFactory certificates = CertificateFactory.getInstance("X.509");
            for (Certificate authority : certificates.generateCertificates(in)) {
                keys.setCertificateEntry(Integer.toString(number++), authority);
            }
        }
        return keys;
    }
}
