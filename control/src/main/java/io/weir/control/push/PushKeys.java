package io.weir.control.push;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Makes a router's key and the certificate that its partner has to trust, with the JDK's keytool:
 * an elliptic curve key (P-256) and a certificate that it signs itself.
 */
public final class PushKeys {
    /** The certificate's file, PEM. */
    public static final String CERTIFICATE = "push.crt";

    /** The private key's file, PEM. */
    public static final String KEY = "push.key";

    private static final int VALID_DAYS = 3650;
    private static final long KEYTOOL_SECONDS = 60;
    private static final int LINE = 64;
    private static final String ALIAS = "weir";

    private PushKeys() {}

    /**
     * Makes the two files; the key's can be read by its owner alone.
     *
     * @param directory where; made if it does not exist
     * @param name who the certificate says this is, as the host's name
     * @throws IOException if one of the files exists, or cannot be made; one line for the operator
     */
    public static void make(Path directory, String name) throws IOException {
        Path certificate = directory.resolve(CERTIFICATE);
        Path key = directory.resolve(KEY);
        for (Path file : List.of(certificate, key)) {
            if (Files.exists(file)) {
                throw new IOException(file + " exists; remove it first to make another one");
            }
        }
        createDirectories(directory);
        Path scratch = Files.createTempDirectory("weir-keys");
        Path store = scratch.resolve("store.p12");
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        try {
            keytool(store, password, name);
            KeyStore keys = KeyStore.getInstance(store.toFile(), password.toCharArray());
            String pemKey = pem("PRIVATE KEY", keys.getKey(ALIAS, password.toCharArray()));
            Files.createFile(
                    key,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.writeString(key, pemKey);
            Files.writeString(
                    certificate,
                    pem("CERTIFICATE", keys.getCertificate(ALIAS).getEncoded()),
                    StandardOpenOption.CREATE_NEW);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot make keys: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(store);
            Files.delete(scratch);
        }
    }

    private static void createDirectories(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (FileSystemException e) {
            throw new IOException("cannot make the directory " + e.getMessage(), e);
        }
        if (!Files.isWritable(directory)) {
            throw new IOException(directory + " cannot be written to");
        }
    }

    private static void keytool(Path store, String password, String name) throws IOException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        String.valueOf(VALID_DAYS),
                        "-dname",
                        "CN=" + name.replaceAll("[^A-Za-z0-9.-]", "-"),
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass:env",
                        "WEIR_STORE_PASSWORD");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("WEIR_STORE_PASSWORD", password));
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(
                        "keytool made no key: " + output.lines().findFirst().orElse("no output"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String pem(String kind, Key key) {
        return pem(kind, key.getEncoded());
    }

    private static String pem(String kind, byte[] der) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }
}
