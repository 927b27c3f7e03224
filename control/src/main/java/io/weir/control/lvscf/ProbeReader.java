package io.weir.control.lvscf;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.control.config.Probe.StatusRange;
import io.weir.control.lvscf.LvsCfNode.Assignment;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads what a check block asks. */
final class ProbeReader {
    /** The keys of each type, beside those that all have. */
    static final Map<String, Set<String>> KEYS =
            Map.of(
                    "tcp", Set.of(),
                    "send_expect", Set.of("send", "expect", "regex"),
                    "udp", Set.of("payload", "expect", "regex"),
                    "program", Set.of("command", "expect", "regex", "dynamic_weight"),
                    "http", Set.of("path", "host", "status", "digest", "expect", "regex"),
                    "https",
                            Set.of(
                                    "path", "host", "status", "digest", "expect", "regex", "sni",
                                    "verify"),
                    "dns", Set.of("name", "type", "tcp"),
                    "smtp", Set.of("name"),
                    "ping", Set.of());

    private static final Set<String> SPECIAL =
            Set.of(
                    "send",
                    "payload",
                    "expect",
                    "regex",
                    "command",
                    "dynamic_weight",
                    "path",
                    "host",
                    "status",
                    "digest",
                    "sni",
                    "verify",
                    "name",
                    "type",
                    "tcp");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-fA-F]{32}|[0-9a-fA-F]{64}");
    private static final Pattern STATUS = Pattern.compile("([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?");
    private static final Pattern RECORD_TYPE = Pattern.compile("[A-Za-z][A-Za-z0-9]{0,15}");
    private static final Pattern DOMAIN = Pattern.compile("\\.|[!-~]{1,253}");

    private final Section block;

    ProbeReader(Section block) {
        this.block = block;
    }

    /** The probe; null if there is none of that type, which has been said then. */
    @Nullable Probe read() {
        String type = block.name();
        Set<String> keys = KEYS.get(type);
        if (keys == null) {
            List<String> sorted = KEYS.keySet().stream().sorted().toList();
            block.fault(
                    "",
                    "there is no check "
                            + type
                            + "; there are "
                            + String.join(", ", sorted)
                            + Spelling.suggestion(type, sorted));
            return null;
        }
        for (String key : SPECIAL) {
            if (block.has(key) && !keys.contains(key)) {
                block.fault(key, "check " + type + " has no " + key + instead(keys));
            }
        }
        return switch (type) {
            case "tcp" -> new Probe.TcpConnect();
            case "send_expect" ->
                    new Probe.SendExpect(
                            false,
                            bytes("send"),
                            orElse(answer(false), new Expectation.Prefix("")));
            case "udp" ->
                    new Probe.SendExpect(
                            true,
                            bytes("payload"),
                            orElse(answer(false), new Expectation.Anything()));
            case "program" -> program();
            case "dns" ->
                    new Probe.Dns(
                            block.read("name", ".", ProbeReader::domain),
                            block.read("type", "SOA", ProbeReader::recordType),
                            block.read("tcp", false, Values::flag));
            case "smtp" -> new Probe.Smtp(block.read("name", "localhost", ProbeReader::domain));
            case "ping" -> new Probe.Ping();
            default -> http(type.equals("https"));
        };
    }

    private static String instead(Set<String> keys) {
        return keys.isEmpty()
                ? ""
                : "; it has " + String.join(", ", keys.stream().sorted().toList());
    }

    private String bytes(String key) {
        return block.read(key, "", each -> Escapes.extended(Values.word(each)));
    }

    private static Expectation orElse(@Nullable Expectation given, Expectation otherwise) {
        return given == null ? otherwise : given;
    }

    private @Nullable Expectation answer(boolean exactly) {
        if (block.has("expect") && block.has("regex")) {
            block.fault("regex", "expect and regex exclude each other; take one of them out");
        }
        Expectation matching =
                block.find("regex", each -> new Expectation.Matching(Values.regex(each)));
        if (matching != null) {
            return matching;
        }
        return block.find(
                "expect",
                each -> {
                    if (Values.word(each).equals("*")) {
                        return new Expectation.Anything();
                    }
                    String text = Escapes.extended(Values.word(each));
                    return exactly ? new Expectation.Exactly(text) : new Expectation.Prefix(text);
                });
    }

    private @Nullable Probe program() {
        if (!block.has("command")) {
            block.fault("", "a check program needs command = PROGRAM ARGUMENTS");
        }
        List<String> command = block.read("command", List.of(), Values::command);
        return command.isEmpty()
                ? null
                : new Probe.Program(
                        command, answer(true), block.read("dynamic_weight", false, Values::flag));
    }

    private Probe http(boolean tls) {
        StatusRange statuses = block.read("status", StatusRange.SUCCESSFUL, ProbeReader::statuses);
        Expectation body = answer(false);
        if (body instanceof Expectation.Prefix prefix) {
            // What is looked for in a page seldom stands at its beginning.
            body = new Expectation.Matching(Pattern.quote(prefix.text()));
        }
        return new Probe.Http(
                tls,
                block.read("path", "/", ProbeReader::path),
                block.find("host", ProbeReader::domain),
                block.read("sni", tls, Values::flag),
                block.read("verify", false, Values::flag),
                List.of(statuses),
                block.find("digest", ProbeReader::digest),
                body);
    }

    private static StatusRange statuses(Assignment assignment) throws LvsCfFault {
        var matcher = STATUS.matcher(Values.word(assignment));
        if (matcher.matches()) {
            int low = Integer.parseInt(matcher.group(1));
            int high = matcher.group(2) == null ? low : Integer.parseInt(matcher.group(2));
            if (low <= high) {
                return new StatusRange(low, high);
            }
        }
        throw new LvsCfFault(
                Values.word(assignment) + " is not a status, as 200, or a range, as 200-299");
    }

    private static String digest(Assignment assignment) throws LvsCfFault {
        String word = Values.word(assignment);
        if (!DIGEST.matcher(word).matches()) {
            throw new LvsCfFault(
                    word + " is neither MD5 nor SHA-256; 32 or 64 hexadecimal digits are expected");
        }
        return word.toLowerCase(Locale.ROOT);
    }

    private static String path(Assignment assignment) throws LvsCfFault {
        String word = Values.word(assignment);
        if (!word.startsWith("/") || !word.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new LvsCfFault(
                    word + " is not a path; it begins with / and has neither blanks nor umlauts");
        }
        return word;
    }

    private static String domain(Assignment assignment) throws LvsCfFault {
        String word = Values.word(assignment);
        if (!DOMAIN.matcher(word).matches()) {
            throw new LvsCfFault(word + " is not a name of up to 253 letters");
        }
        return word;
    }

    private static String recordType(Assignment assignment) throws LvsCfFault {
        String word = Values.word(assignment);
        if (!RECORD_TYPE.matcher(word).matches()) {
            throw new LvsCfFault(word + " is not a type of record, as A or SOA");
        }
        return word.toUpperCase(Locale.ROOT);
    }
}
