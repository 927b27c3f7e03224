package io.weir.control.lvscf;

import io.weir.control.ipvsadm.Names;
import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.dataplane.net.IpAddress;
import io.weir.dataplane.service.ServiceId;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What words behind a key stand for. Stateless but for the names that are looked up. */
final class Values {
    static final int LAST_PORT = 65535;

    /** 31 days, the longest timeout that the kernel takes. */
    static final int MAX_SECONDS = 31 * 24 * 3600;

    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(0[xX][0-9a-fA-F]{1,15}|0[0-7]{0,20}|[1-9][0-9]{0,17})");
    private static final Pattern SECONDS = Pattern.compile("([0-9]{1,7})(?:\\.([0-9]{1,3}))?");
    private static final Pattern DEVICE = Pattern.compile("[^\\s/:]{1,15}");
    private static final int MAX_LABEL = 15;
    private static final int MAX_COMMAND_WORDS = 40;
    private static final int MAX_REGEX = 1024;

    private final Names names;

    Values(Names names) {
        this.names = names;
    }

    /** A whole number as C's strtol reads it with base 0: decimal, 0x hexadecimal, 0 octal. */
    static Section.Conversion<Integer> integer(int min, int max) {
        return assignment -> (int) integer(word(assignment), min, max);
    }

    /** A firewall mark. */
    static int mark(Assignment assignment) throws LvsCfFault {
        return (int) integer(word(assignment), 0, 0xffff_ffffL);
    }

    static long integer(String word, long min, long max) throws LvsCfFault {
        if (NUMBER.matcher(word).matches()) {
            try {
                long number = Long.decode(word);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                throw new LvsCfFault(word + " is not a number from " + min + " to " + max);
            }
        }
        throw new LvsCfFault(word + " is not a number from " + min + " to " + max);
    }

    /** 0 or 1. */
    static boolean flag(Assignment assignment) throws LvsCfFault {
        return switch (word(assignment)) {
            case "0" -> false;
            case "1" -> true;
            default -> throw new LvsCfFault(word(assignment) + " is neither 0 (no) nor 1 (yes)");
        };
    }

    static String word(Assignment assignment) {
        return assignment.values().getFirst();
    }

    /** One of a few words. */
    static <T> Section.Conversion<T> choice(Map<String, T> choices) {
        return assignment -> {
            T value = choices.get(word(assignment));
            if (value == null) {
                List<String> sorted = choices.keySet().stream().sorted().toList();
                throw new LvsCfFault(
                        word(assignment)
                                + " is not one of "
                                + String.join(", ", sorted)
                                + Spelling.suggestion(word(assignment), sorted));
            }
            return value;
        };
    }

    /** An address or the name of a host. */
    IpAddress host(Assignment assignment) throws LvsCfFault {
        return host(word(assignment));
    }

    IpAddress host(String word) throws LvsCfFault {
        IpAddress address = IpAddress.parse(word);
        if (address == null && !word.isEmpty() && word.matches("[A-Za-z0-9._-]{1,253}")) {
            boolean number = word.matches("[0-9.]+");
            address = number ? null : names.address(word);
        }
        if (address == null) {
            throw new LvsCfFault(
                    word + " is neither an IP address nor the name of a host that can be found");
        }
        return address;
    }

    List<IpAddress> hosts(Assignment assignment) throws LvsCfFault {
        List<IpAddress> hosts = new ArrayList<>();
        for (String word : assignment.values()) {
            hosts.add(host(word));
        }
        return hosts;
    }

    /** A port by its number, or by its name for the protocol or for TCP. */
    Section.Conversion<Integer> port(int protocol, int min) {
        return assignment -> port(word(assignment), protocol, min);
    }

    int port(String word, int protocol, int min) throws LvsCfFault {
        if (NUMBER.matcher(word).matches()) {
            return (int) integer(word, min, LAST_PORT);
        }
        int port = names.port(word, protocol);
        if (port == Names.UNKNOWN_PORT) {
            port = names.port(word, ServiceId.TCP);
        }
        if (port == Names.UNKNOWN_PORT) {
            throw new LvsCfFault(
                    word + " is neither a port, " + min + " to 65535, nor a service's name");
        }
        return port;
    }

    /** Whole seconds. */
    static Section.Conversion<Duration> wholeSeconds(int min) {
        return assignment -> Duration.ofSeconds(integer(word(assignment), min, MAX_SECONDS));
    }

    /** Seconds with up to three decimal places. */
    static Section.Conversion<Duration> seconds(Duration min) {
        return assignment -> {
            String word = word(assignment);
            var matcher = SECONDS.matcher(word);
            if (matcher.matches()) {
                String fraction = matcher.group(2) == null ? "" : matcher.group(2);
                long millis =
                        Long.parseLong(matcher.group(1)) * 1000
                                + Long.parseLong((fraction + "000").substring(0, 3));
                if (millis >= min.toMillis() && millis <= MAX_SECONDS * 1000L) {
                    return Duration.ofMillis(millis);
                }
            }
            throw new LvsCfFault(
                    word
                            + " is not a number of seconds from "
                            + LvsCfText.seconds(min)
                            + " to "
                            + MAX_SECONDS
                            + ", as 5 or 0.5");
        };
    }

    /** The length of a netmask: a dotted one, or a prefix length. */
    static int mask(String word, boolean ipv6) throws LvsCfFault {
        String digits = word.startsWith("/") ? word.substring(1) : word;
        if (digits.matches("[0-9]{1,3}") && Integer.parseInt(digits) <= (ipv6 ? 128 : 32)) {
            return Integer.parseInt(digits);
        }
        IpAddress bits = ipv6 ? null : IpAddress.parse(word);
        if (bits != null && !bits.ipv6()) {
            int length = Integer.numberOfLeadingZeros(~bits.v4());
            if (bits.v4() == (length == 0 ? 0 : -1 << (Integer.SIZE - length))) {
                return length;
            }
        }
        throw new LvsCfFault(
                word
                        + " is not a netmask; "
                        + (ipv6
                                ? "for IPv6 write a prefix length, 0 to 128"
                                : "write one as 255.255.255.0, or a prefix length, 0 to 32"));
    }

    /** The name of an interface. */
    static String device(Assignment assignment) throws LvsCfFault {
        return device(word(assignment));
    }

    /** The name of an interface, without the alias behind a colon. */
    static String device(String word) throws LvsCfFault {
        int colon = word.indexOf(':');
        String device = colon < 0 ? word : word.substring(0, colon);
        if (!DEVICE.matcher(device).matches() || word.length() > MAX_LABEL) {
            throw new LvsCfFault(
                    word + " is not an interface such as eth0, or an alias such as eth0:1");
        }
        return device;
    }

    static Path path(Assignment assignment) throws LvsCfFault {
        try {
            return Path.of(word(assignment));
        } catch (InvalidPathException e) {
            throw new LvsCfFault(word(assignment) + " is not the name of a file");
        }
    }

    /** A program and its arguments; a single word in quotes is split at its blanks. */
    static List<String> command(Assignment assignment) throws LvsCfFault {
        List<String> words = assignment.values();
        if (words.size() == 1) {
            words = List.of(words.getFirst().strip().split("[ \t]+", -1));
        }
        if (words.getFirst().isEmpty()) {
            throw new LvsCfFault("a program is expected; take the line out for none");
        }
        if (words.size() > MAX_COMMAND_WORDS) {
            throw new LvsCfFault(
                    "there are more than "
                            + (MAX_COMMAND_WORDS - 1)
                            + " arguments; put them into a script");
        }
        return words;
    }

    /** A regular expression of Java's, over bytes. */
    static String regex(Assignment assignment) throws LvsCfFault {
        String expression = Escapes.bytes(assignment.joined());
        if (expression.length() > MAX_REGEX) {
            throw new LvsCfFault(
                    "a regular expression can have " + MAX_REGEX + " characters at most");
        }
        try {
            Pattern.compile(expression, Pattern.DOTALL);
        } catch (PatternSyntaxException e) {
            throw new LvsCfFault(
                    "\""
                            + assignment.joined()
                            + "\" is not a regular expression: "
                            + e.getDescription());
        } catch (StackOverflowError e) {
            // The JDK's compiler descends once for each bracket.
            throw new LvsCfFault("the regular expression is nested too deeply");
        }
        return expression;
    }
}
