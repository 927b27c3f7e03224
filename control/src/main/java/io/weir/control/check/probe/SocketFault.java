package io.weir.control.check.probe;

import io.weir.dataplane.net.IpAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** A socket's errors in the words of an operator, and its addresses. */
final class SocketFault {
    private static final int LENGTH_LIMIT = 200;

    // ENFILE and EMFILE, EADDRNOTAVAIL (no port left), ENOBUFS, ENOMEM, EAGAIN of fork and connect.
    private static final Pattern OWN_SHORTAGE =
            Pattern.compile(
                    "Too many open files|Cannot assign requested address|No buffer space"
                            + "|Cannot allocate memory|Resource temporarily unavailable");

    private SocketFault() {}

    /** What went wrong, on one line. */
    static String words(Throwable fault) {
        String message = message(fault);
        if (fault instanceof PortUnreachableException || message.contains("refused")) {
            return "connection refused";
        }
        if (message.contains("reset by peer")) {
            return "connection reset";
        }
        if (fault instanceof NoRouteToHostException || message.contains("No route to host")) {
            return "no route to host";
        }
        if (message.contains("Network is unreachable")) {
            return "network unreachable";
        }
        if (fault instanceof ConnectException || fault instanceof IOException) {
            return message;
        }
        return fault.getClass().getSimpleName() + ": " + message;
    }

    private static String message(Throwable fault) {
        @Nullable String text = fault.getMessage();
        if (text == null) {
            return fault.getClass().getSimpleName();
        }
        String line = text.replaceAll("[\\p{Cntrl}]+", " ");
        return line.length() <= LENGTH_LIMIT ? line : line.substring(0, LENGTH_LIMIT) + "...";
    }

    /**
     * What an error says about the server: nothing, if this machine has run out of something that a
     * check needs.
     */
    static ProbeResult result(Throwable fault) {
        String message = message(fault);
        return OWN_SHORTAGE.matcher(message).find()
                ? ProbeResult.notMade(message)
                : ProbeResult.failed(words(fault));
    }

    /** The address as java.net has it; nothing is resolved. */
    static InetSocketAddress address(IpAddress address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }
}
