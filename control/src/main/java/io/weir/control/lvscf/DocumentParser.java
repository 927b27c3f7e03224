package io.weir.control.lvscf;

import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.LvsCfNode.Block;
import io.weir.control.lvscf.LvsCfNode.Remark;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Makes a tree of lines.
 *
 * <p>It goes on behind a mistake as a person would read on, so that the next message is about the
 * next mistake.
 */
final class DocumentParser {
    private static final int MAX_DEPTH = 8;
    private static final String OPEN = "{";
    private static final String CLOSE = "}";
    private static final String EQUAL = "=";

    private final Faults faults;
    private final Deque<OpenBlock> open = new ArrayDeque<>();
    private List<LvsCfNode> nodes = new ArrayList<>();

    /** A block whose end has not been read, and what stands around it so far. */
    private record OpenBlock(
            int line, String text, String type, String name, List<LvsCfNode> around) {}

    private DocumentParser(Faults faults) {
        this.faults = faults;
    }

    static LvsCfDocument parse(String source, String text, Faults faults) {
        DocumentParser parser = new DocumentParser(faults);
        if (text.isBlank()) {
            faults.add(0, "there is nothing in the file; at least one virtual block is expected");
        } else if (text.length() > LvsCfDocument.MAX_LENGTH) {
            faults.add(0, "there are more than " + LvsCfDocument.MAX_LENGTH + " characters");
        } else {
            parser.lines(text);
        }
        return new LvsCfDocument(source, parser.nodes, text.contains("\r\n") ? "\r\n" : "\n");
    }

    private void lines(String text) {
        int number = 0;
        for (Iterator<String> lines = text.lines().iterator(); lines.hasNext(); ) {
            number++;
            String line = lines.next();
            try {
                line(number, line);
            } catch (LvsCfFault fault) {
                faults.add(number, fault.text());
            }
        }
        while (!open.isEmpty()) {
            OpenBlock last = open.peek();
            faults.add(
                    number,
                    "the file ends inside the block \""
                            + last.type
                            + " "
                            + last.name
                            + "\" of line "
                            + last.line
                            + "; a line with } is missing");
            close("}");
        }
    }

    private void line(int number, String line) throws LvsCfFault {
        String stripped = line.strip();
        if (stripped.isEmpty() || stripped.startsWith("#")) {
            nodes.add(new Remark(number, line));
            return;
        }
        if (line.chars().anyMatch(c -> Character.isISOControl(c) && c != '\t')) {
            throw new LvsCfFault("there is a control character in the line; take it out");
        }
        List<Token> tokens = Token.split(line);
        if (isPlain(tokens.getFirst(), CLOSE)) {
            closing(line, tokens);
        } else if (tokens.size() > 1 && isPlain(tokens.get(1), EQUAL)) {
            assignment(number, line, tokens);
        } else if (isPlain(tokens.getFirst(), OPEN)) {
            throw new LvsCfFault("{ belongs to the end of the line before");
        } else if (isPlain(tokens.getLast(), OPEN) || BlockKind.isBlock(tokens.getFirst().text())) {
            opening(number, line, tokens);
        } else {
            throw new LvsCfFault(withoutEqual(tokens));
        }
    }

    private static boolean isPlain(Token token, String text) {
        return !token.quoted() && token.text().equals(text);
    }

    private void closing(String line, List<Token> tokens) throws LvsCfFault {
        if (open.isEmpty()) {
            throw new LvsCfFault("this } closes nothing; take it out, or look for a lost {");
        }
        close(line);
        if (tokens.size() > 1) {
            throw new LvsCfFault("} needs a line of its own");
        }
    }

    private void close(String end) {
        OpenBlock last = open.pop();
        Block block = new Block(last.line, last.text, last.type, last.name, nodes, end);
        nodes = last.around;
        nodes.add(block);
    }

    private void assignment(int number, String line, List<Token> tokens) throws LvsCfFault {
        String key = tokens.getFirst().text();
        if (tokens.size() == 2) {
            throw new LvsCfFault(
                    "nothing follows " + key + " =; write a value, or take the line out");
        }
        List<String> values = tokens.stream().skip(2).map(Token::text).toList();
        nodes.add(new Assignment(number, line, key, values));
    }

    private void opening(int number, String line, List<Token> tokens) throws LvsCfFault {
        String type = tokens.getFirst().text();
        boolean braced = isPlain(tokens.getLast(), OPEN);
        String name = tokens.size() < (braced ? 3 : 2) ? "" : tokens.get(1).text();
        if (open.size() == MAX_DEPTH) {
            throw new LvsCfFault("blocks are nested too deeply; a } is missing before");
        }
        // Opened even if it is wrong: otherwise each line inside it would be a mistake as well.
        open.push(new OpenBlock(number, line, type, name, nodes));
        nodes = new ArrayList<>();
        if (!braced) {
            throw new LvsCfFault(
                    "{ is missing; write \"" + type + " NAME {\" with the brace on the same line");
        }
        if (tokens.size() != 3) {
            throw new LvsCfFault(
                    "a block begins with three words, as \""
                            + type
                            + " NAME {\"; put quotes around a name with blanks");
        }
    }

    private static String withoutEqual(List<Token> tokens) {
        String first = tokens.getFirst().text();
        int at = first.indexOf('=');
        boolean glued = at > 0 || (tokens.size() > 1 && tokens.get(1).text().startsWith(EQUAL));
        return glued
                ? "there have to be blanks on both sides of =, as \"port = 80\""
                : "= is expected behind " + first;
    }
}
