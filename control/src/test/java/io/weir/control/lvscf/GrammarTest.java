package io.weir.control.lvscf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.control.lvscf.LvsCfNode.Assignment;
import io.weir.control.lvscf.LvsCfNode.Block;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** What is a line, a word and a block, and what is said of lines that are neither. */
class GrammarTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "port=80|there have to be blanks on both sides of =, as \"port = 80\"",
                "port= 80|there have to be blanks on both sides of =, as \"port = 80\"",
                "port =80|there have to be blanks on both sides of =, as \"port = 80\"",
                "port 80|= is expected behind port",
                "port|= is expected behind port",
                "port =|nothing follows port =; write a value, or take the line out",
                "send = \"GET|the quote \" is not closed; close it on the same line, and use the"
                        + " other kind of quotes around a text that holds one",
                "send = 'a'b|a blank is missing behind the closing '; use the other kind of quotes"
                        + " around a text that holds one",
                "}|this } closes nothing; take it out, or look for a lost {",
                "{|{ belongs to the end of the line before",
                "virtual { x = 1 }|{ is missing; write \"virtual NAME {\" with the brace on the"
                        + " same line",
                "serial_no = 1 # first|a comment needs a line of its own; take it out from behind"
                        + " serial_no",
                "serial_no = 1 2|\"2\" is too much; serial_no takes 1 word",
                "seriel_no = 1|there is no key seriel_no at the top; did you mean serial_no?",
                "weight = 1|there is no key weight at the top",
            })
    void aWrongLine(String line, String message) {
        assertThat(messages(line + "\n")).contains("lvs.cf:1: " + message);
    }

    @Test
    void aBlockThatIsNotOpenedRightIsOneMistake() {
        assertThat(messages("virtual web\n  active = 0\n}\n"))
                .containsExactly(
                        "lvs.cf:1: { is missing; write \"virtual NAME {\" with the brace on the"
                                + " same line");
        assertThat(messages("virtual my web {\n  active = 0\n}\n"))
                .containsExactly(
                        "lvs.cf:1: a block begins with three words, as \"virtual NAME {\"; put"
                                + " quotes around a name with blanks");
        assertThat(messages("virtul web {\n  active = 0\n}\n"))
                .containsExactly(
                        "lvs.cf:1: there is no block virtul at the top; did you mean virtual?");
        assertThat(messages("server web {\n  active = 0\n}\n"))
                .containsExactly(
                        "lvs.cf:1: server cannot stand at the top; it belongs in a virtual block or"
                                + " in a failover block");
    }

    @Test
    void anEndInsideABlock() {
        assertThat(messages("virtual web {\nactive = 0\n"))
                .containsExactly(
                        "lvs.cf:2: the file ends inside the block \"virtual web\" of line 1; a line"
                                + " with } is missing");
    }

    @Test
    void nothingAtAll() {
        assertThat(messages("")).singleElement().asString().contains("nothing in the file");
        assertThat(messages("\n \n")).singleElement().asString().contains("nothing in the file");
    }

    @Test
    void everyMistakeIsSaidUpToALimit() {
        List<String> messages = messages("port\n".repeat(1) + "a b\n".repeat(100));
        assertThat(messages).hasSize(51).last().isEqualTo("lvs.cf: and 51 more mistakes");
        assertThat(messages("a\nserial_no = x\nserial_no = 2\n"))
                .containsExactly(
                        "lvs.cf:1: = is expected behind a",
                        "lvs.cf:2: serial_no: x is not a number from 0 to 2147483647",
                        "lvs.cf:3: serial_no stands already in line 2; take one of them out");
    }

    @Test
    void moreWordsThanPiranhaTakes() {
        assertThat(messages("active_cmd = " + "x ".repeat(99)))
                .singleElement()
                .asString()
                .contains("more than 100 words");
        assertThat(messages("active_cmd = " + "x ".repeat(98)))
                .singleElement()
                .asString()
                .contains("more than 39 arguments");
    }

    @Test
    void aControlCharacterIsNotPrinted() {
        assertThat(messages("serial_no = 1\u0007\n"))
                .containsExactly("lvs.cf:1: there is a control character in the line; take it out");
        assertThat(messages("x\u0085y = 1\n")).allMatch(line -> !line.contains("\u0085"));
    }

    @Test
    void linesMayEndAsTheyLike() throws LvsCfException {
        for (String end : List.of("\n", "\r\n", "\r")) {
            String text =
                    "# first"
                            + end
                            + "\tserial_no\t=\t7"
                            + end
                            + end
                            + "virtual \"my web\" {"
                            + end
                            + "port = 81"
                            + end
                            + " } "
                            + end;
            LvsCfDocument document = LvsCfDocument.parse("lvs.cf", text);
            assertThat(document.nodes()).hasSize(4);
            assertThat(document.nodes().get(1))
                    .isEqualTo(new Assignment(2, "\tserial_no\t=\t7", "serial_no", List.of("7")));
            assertThat(document.nodes().get(3))
                    .isInstanceOfSatisfying(
                            Block.class, block -> assertThat(block.name()).isEqualTo("my web"));
            assertThat(document.text())
                    .isEqualTo(end.equals("\r") ? text.replace(end, "\n") : text);
        }
    }

    @Test
    void aHashInsideALineIsAnOrdinaryCharacter() throws LvsCfException {
        assertThat(LvsCfDocument.parse("f", "send = \"# \" #\n").nodes().getFirst())
                .isInstanceOfSatisfying(
                        Assignment.class,
                        each -> assertThat(each.values()).containsExactly("# ", "#"));
    }

    private static List<String> messages(String text) {
        LvsCfException refused = catchThrowableOfType(LvsCfException.class, () -> Reads.read(text));
        assertThat(refused).as(text).isNotNull();
        return refused.messages();
    }
}
