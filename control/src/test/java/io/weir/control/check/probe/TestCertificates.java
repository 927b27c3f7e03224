package io.weir.control.check.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;

/** An authority and servers' certificates of all kinds, made by keytool in a directory. */
final class TestCertificates {
    static final String NAME = "www.example.com";

    private static final String PASSWORD = "changeit";

    private final Path directory;

    private TestCertificates(Path directory) {
        this.directory = directory;
    }

    /** Makes the authority and its file {@link #bundle}. */
    static TestCertificates make(Path directory) throws Exception {
        TestCertificates certificates = new TestCertificates(directory);
        certificates.generate("authority", "-ext", "bc:c");
        certificates.export("authority", certificates.bundle());
        return certificates;
    }

    /** The authority in PEM. */
    Path bundle() {
        return directory.resolve("authority.pem");
    }

    /** A server's key in PEM, unencrypted as servers want it. */
    Path exportKey(String alias) throws Exception {
        Path file = directory.resolve(alias + ".key");
        byte[] key = keys(alias).getKey(alias, PASSWORD.toCharArray()).getEncoded();
        Files.writeString(
                file,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder().encodeToString(key)
                        + "\n-----END PRIVATE KEY-----\n");
        return file;
    }

    /** A signed server's certificate in PEM. */
    Path certificate(String alias) {
        return directory.resolve(alias + ".crt");
    }

    /** A certificate that is its own authority. */
    SSLServerSocketFactory selfSigned(String alias) throws Exception {
        generate(alias, "-ext", "san=dns:" + NAME);
        return server(alias);
    }

    /**
     * A certificate by the authority.
     *
     * @param more keytool's options for the signing, as -startdate
     */
    SSLServerSocketFactory signed(String alias, String alternativeName, String... more)
            throws Exception {
        sign(alias, alternativeName, more);
        return server(alias);
    }

    /** As {@link #signed}; returns the key store with the key, its chain, and no more. */
    Path sign(String alias, String alternativeName, String... more) throws Exception {
        generate(alias);
        Path request = directory.resolve(alias + ".csr");
        Path signed = certificate(alias);
        keytool(alias, "-certreq", "-file", request.toString());
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-gencert",
                                "-rfc",
                                "-infile",
                                request.toString(),
                                "-outfile",
                                signed.toString(),
                                "-ext",
                                "san=" + alternativeName));
        arguments.addAll(Arrays.asList(more));
        keytool("authority", arguments.toArray(String[]::new));
        keytoolOn(alias, "authority", "-importcert", "-noprompt", "-file", bundle().toString());
        keytool(alias, "-importcert", "-noprompt", "-file", signed.toString());
        return store(alias);
    }

    private void generate(String alias, String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + alias,
                                "-validity",
                                "10"));
        arguments.addAll(Arrays.asList(more));
        keytool(alias, arguments.toArray(String[]::new));
    }

    private void export(String alias, Path file) throws Exception {
        keytool(alias, "-exportcert", "-rfc", "-file", file.toString());
    }

    private void keytool(String alias, String... arguments) throws Exception {
        keytoolOn(alias, alias, arguments);
    }

    private void keytoolOn(String store, String alias, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments));
        // keytool is a Java program of a second or two, run a dozen times.
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(
                List.of(
                        "-keystore",
                        store(store).toString(),
                        "-storepass",
                        PASSWORD,
                        "-alias",
                        alias));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    private Path store(String alias) {
        return directory.resolve(alias + ".p12");
    }

    private SSLServerSocketFactory server(String alias)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys(alias), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }

    private KeyStore keys(String alias) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(alias))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }
}
