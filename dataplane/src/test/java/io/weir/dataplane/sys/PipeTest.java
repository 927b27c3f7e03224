package io.weir.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import java.io.FileInputStream;
import java.io.FileOutputStream;

@EnabledOnOs(OS.LINUX)
class PipeTest {
    @Test
    void whatIsWrittenAtOneEndIsReadAtTheOtherAlsoWhenThePipeItselfIsClosed() throws Exception {
        Pipe pipe = Pipe.open("test");
        try (FileInputStream reading = new FileInputStream(pipe.readName())) {
            try (FileOutputStream writing = new FileOutputStream(pipe.writeName())) {
                pipe.close();
                pipe.close();
                assertThat(reading.available()).isZero();
                writing.write(7);
                assertThat(reading.available()).isEqualTo(1);
                assertThat(reading.read()).isEqualTo(7);
            }
            assertThat(reading.read()).as("no writer is left").isEqualTo(-1);
        }
    }

    @Test
    void killingWantsTheNumberOfOneGroup() {
        for (long group : new long[] {0, 1, -1, 1L << 32}) {
            assertThatThrownBy(() -> ProcessGroup.kill(group))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(ProcessGroup.kill(Integer.MAX_VALUE)).as("ESRCH").isEqualTo(-3);
    }
}
