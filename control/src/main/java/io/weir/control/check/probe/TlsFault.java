package io.weir.control.check.probe;

import org.jspecify.annotations.Nullable;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;

/** Failed TLS handshakes in the words of an operator. */
final class TlsFault {
    private static final int DEPTH_LIMIT = 10;

    private TlsFault() {}

    /**
     * What went wrong, on one line.
     *
     * @param name the name or address that the certificate should be for
     */
    static String words(Throwable fault, String name) {
        Throwable cause = fault;
        for (int depth = 0; depth < DEPTH_LIMIT; depth++) {
            String found = certificateFault(cause, name);
            if (found != null) {
                return found;
            }
            Throwable next = cause.getCause();
            if (next == null) {
                break;
            }
            cause = next;
        }
        return "TLS: " + SocketFault.words(cause);
    }

    private static @Nullable String certificateFault(Throwable cause, String name) {
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case CertificateExpiredException e -> "certificate has expired";
            case CertificateNotYetValidException e -> "certificate is not valid yet";
            case CertPathBuilderException e -> "certificate is not signed by a known authority";
            case CertPathValidatorException e
                    when e.getReason() == CertPathValidatorException.BasicReason.EXPIRED ->
                    "certificate has expired";
            case CertificateException e
                    when message.startsWith("No ") && message.contains("matching") ->
                    "certificate is not for " + name;
            default -> null;
        };
    }
}
