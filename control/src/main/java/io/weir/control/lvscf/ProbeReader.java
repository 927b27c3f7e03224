package io.weir.control.lvscf;

import io.weir.control.config.Probe;
import io.weir.control.config.Probe.Expectation;
import io.weir.control.config.Probe.StatusRange;
import io.weir.control.lvscf.LvsCfNode.Assignment;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads what a check block asks. */
final class ProbeReader {
    /** The keys of each type, beside those that all have. */
    static final Map<String, Set<String>> KEYS =
            Map.of(
                    "tcp", Set.of(),
                    "send_expect", Set.of("send", "expect", "regex", "not_regex"),
                    "udp",
                            Set.of(
                                    "payload",
                                    "expect",
                                    "regex",
                                    "not_regex",
                                    "answer_required",
                                    "min_length",
                                    "max_length"),
                    "program", Set.of("command", "expect", "regex", "not_regex", "dynamic_weight"),
                    "http",
                            Set.of(
                                    "path",
                                    "host",
                                    "status",
                                    "digest",
                                    "expect",
                                    "regex",
                                    "not_regex"),
                    "https",
                            Set.of(
                                    "path",
                                    "host",
                                    "status",
                                    "digest",
                                    "expect",
                                    "regex",
                                    "not_regex",
                                    "sni",
                                    "verify"),
                    "dns", Set.of("name", "type", "tcp"),
                    "smtp", Set.of("name"),
                    "ping", Set.of());

    /** The keys that are not for all types. */
    private static final Set<String> SPECIAL =
            KEYS.values().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());

    private static final List<String> ANSWERS = List.of("expect", "regex", "not_regex");
    private static final int MAX_DATAGRAM = 65_507;
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
            case "udp" -> datagram();
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
        List<String> given = ANSWERS.stream().filter(block::has).toList();
        if (given.size() > 1) {
            block.fault(
                    given.getLast(),
                    given.getFirst()
                            + " and "
                            + given.getLast()
                            + " exclude each other; take one of them out");
        }
        Expectation matching =
                block.find("regex", each -> new Expectation.Matching(Values.regex(each)));
        Expectation lacking =
                block.find("not_regex", each -> new Expectation.NotMatching(Values.regex(each)));
        if (matching != null || lacking != null) {
            return matching == null ? lacking : matching;
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

    private @Nullable Probe datagram() {
        String payload = bytes("payload");
        if (payload.isEmpty()) {
            block.fault("payload", "check udp needs payload = what is sent, at least one byte");
            return null;
        }
        boolean required = block.read("answer_required", true, Values::flag);
        int least = block.read("min_length", 0, Values.integer(0, MAX_DATAGRAM));
        int most = block.read("max_length", MAX_DATAGRAM, Values.integer(0, MAX_DATAGRAM));
        Expectation expect = answer(false);
        if (expect == null) {
            if (least > most) {
                block.fault("min_length", "min_length is above max_length " + most);
                return null;
            }
            return new Probe.Datagram(payload, required, least, most);
        }
        for (String key : List.of("answer_required", "min_length", "max_length")) {
            if (block.has(key)) {
                block.fault(key, key + " goes without expect, regex and not_regex");
            }
        }
        return new Probe.SendExpect(true, payload, expect);
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
        List<StatusRange> statuses =
                block.read("status", List.of(StatusRange.SUCCESSFUL), ProbeReader::statuses);
        Expectation body = answer(false);
        if (body instanceof Expectation.Prefix prefix) {
            // What is looked for in a page seldom stands at its beginning.
            body = new Expectation.Matching(Escapes.regex(prefix.text()));
        }
        return new Probe.Http(
                tls,
                block.read("path", "/", ProbeReader::path),
                block.find("host", ProbeReader::domain),
                block.read("sni", tls, Values::flag),
                block.read("verify", false, Values::flag),
                statuses,
                block.find("digest", ProbeReader::digest),
                body);
    }

    private static List<StatusRange> statuses(Assignment assignment) throws LvsCfFault {
        List<StatusRange> statuses = new ArrayList<>();
        for (String word : assignment.values()) {
            statuses.add(status(word));
        }
        return statuses;
    }

    private static StatusRange status(String word) throws LvsCfFault {
        var matcher = STATUS.matcher(word);
        if (matcher.matches()) {
            int low = Integer.parseInt(matcher.group(1));
            int high = matcher.group(2) == null ? low : Integer.parseInt(matcher.group(2));
            if (low <= high) {
                return new StatusRange(low, high);
            }
        }
        throw new LvsCfFault(word + " is not a status, as 200, or a range, as 200-299");
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
