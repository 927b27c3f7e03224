package io.weir.control.config;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.regex.Pattern;

/** What a check asks, and which answer is good. */
public sealed interface Probe {
    /** Good as soon as a TCP connection stands. */
    record TcpConnect() implements Probe {}

    /**
     * Sends bytes over TCP, or in a UDP datagram, and reads the answer once.
     *
     * @param udp over UDP, where an answer is always waited for
     * @param send what is sent, as one byte a character; empty for nothing
     * @param expect which answer is good
     */
    record SendExpect(boolean udp, String send, Expectation expect) implements Probe {}

    /**
     * Sends a UDP datagram. An ICMP error in answer to it is a failure, and so is an answer of
     * another length.
     *
     * @param payload what is sent, as one byte a character, at least one
     * @param answerRequired there has to be an answer; otherwise silence is good, too
     * @param minAnswerBytes the shortest good answer
     * @param maxAnswerBytes the longest good answer
     */
    record Datagram(String payload, boolean answerRequired, int minAnswerBytes, int maxAnswerBytes)
            implements Probe {
        public Datagram {
            if (payload.isEmpty() || minAnswerBytes < 0 || maxAnswerBytes < minAnswerBytes) {
                throw new IllegalArgumentException(
                        payload + ", " + minAnswerBytes + ", " + maxAnswerBytes);
            }
        }
    }

    /**
     * Runs a program.
     *
     * @param command the program and its arguments, where {@code %h} stands for the address and
     *     {@code %p} for the port
     * @param expect what it has to print, without the newline at the end; null to look at its exit
     *     code alone
     * @param dynamicWeight exit codes from 2 on are good, and the server's weight is the code less
     *     2
     */
    record Program(List<String> command, @Nullable Expectation expect, boolean dynamicWeight)
            implements Probe {
        public Program {
            command = List.copyOf(command);
        }
    }

    /**
     * Asks for a page.
     *
     * @param tls over TLS (HTTPS)
     * @param path the path with the query
     * @param host the Host header, and the name for TLS; null for the address
     * @param serverName send the host's name in the TLS handshake
     * @param verify check the server's certificate against the system's authorities and the name
     * @param statuses the good statuses, at least one range
     * @param digest the MD5 or SHA-256 of the body in hexadecimal digits, null for any body
     * @param body what the body has to contain, null for anything
     */
    record Http(
            boolean tls,
            String path,
            @Nullable String host,
            boolean serverName,
            boolean verify,
            List<StatusRange> statuses,
            @Nullable String digest,
            @Nullable Expectation body)
            implements Probe {
        private static final int MD5_DIGITS = 32;
        private static final int SHA_256_DIGITS = 64;

        /** Good statuses from one to another. */
        public Http(
                boolean tls,
                String path,
                @Nullable String host,
                boolean serverName,
                boolean verify,
                int lowStatus,
                int highStatus,
                @Nullable String digest,
                @Nullable Expectation body) {
            this(
                    tls,
                    path,
                    host,
                    serverName,
                    verify,
                    List.of(new StatusRange(lowStatus, highStatus)),
                    digest,
                    body);
        }

        public Http {
            statuses = List.copyOf(statuses);
            if (statuses.isEmpty()) {
                throw new IllegalArgumentException("no status is good");
            }
            if (digest != null
                    && digest.length() != MD5_DIGITS
                    && digest.length() != SHA_256_DIGITS) {
                throw new IllegalArgumentException("neither MD5 nor SHA-256: " + digest);
            }
        }
    }

    /** HTTP statuses from one to another. */
    record StatusRange(int low, int high) {
        /** What HTTP calls successful; RFC 9110 §15.3. */
        public static final StatusRange SUCCESSFUL = new StatusRange(200, 299);

        public StatusRange {
            if (low < 100 || high > 999 || low > high) {
                throw new IllegalArgumentException("status " + low + " to " + high);
            }
        }

        public boolean has(int status) {
            return low <= status && status <= high;
        }

        /** As a person writes it: "200 to 299", or "404" alone. */
        @Override
        public String toString() {
            return low == high ? Integer.toString(low) : low + " to " + high;
        }
    }

    /**
     * Asks a name server.
     *
     * @param name the domain name
     * @param type the record's type in capitals, as "A" or "SOA"
     * @param tcp over TCP instead of UDP
     */
    record Dns(String name, String type, boolean tcp) implements Probe {}

    /**
     * Speaks with a mail server until it has accepted the greeting.
     *
     * @param heloName the name given with HELO
     */
    record Smtp(String heloName) implements Probe {}

    /** Sends an ICMP or ICMPv6 echo request. */
    record Ping() implements Probe {}

    /** Which bytes are a good answer; characters stand for bytes (ISO 8859-1). */
    sealed interface Expectation {
        /** Anything, but at least one byte. */
        record Anything() implements Expectation {}

        /** Begins with this; the empty text is nothing that has to be read. */
        record Prefix(String text) implements Expectation {}

        /** Is this, from beginning to end. */
        record Exactly(String text) implements Expectation {}

        /** Contains a match of a regular expression; equal if the texts are equal. */
        record Matching(String expression) implements Expectation {
            /**
             * The compiled expression.
             *
             * @throws java.util.regex.PatternSyntaxException if it is none
             */
            public Pattern pattern() {
                return Pattern.compile(expression, Pattern.DOTALL);
            }
        }

        /** Contains no match of a regular expression. */
        record NotMatching(String expression) implements Expectation {}
    }
}
