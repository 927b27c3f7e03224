package io.weir.control.config;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/**
 * How the two routers give each other their configuration.
 *
 * @param listen where this router takes the partner's; null not to
 * @param partner where the partner does; null if it does not
 * @param certificate this router's certificate, PEM
 * @param key its private key, PEM
 * @param trust the certificates that the partner may show, PEM
 * @param automatic after each reload here, and not by {@code weir push} alone
 */
public record PushConfig(
        @Nullable InetSocketAddress listen,
        @Nullable InetSocketAddress partner,
        Path certificate,
        Path key,
        Path trust,
        boolean automatic) {}
