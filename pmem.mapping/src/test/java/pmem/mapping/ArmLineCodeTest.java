package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import pmem.mapping.ArmLineCode.Instruction;

/** The bytes are those of GNU as 2.40 for the text in the Javadoc of {@link ArmLineCode}. */
class ArmLineCodeTest {
    private static String hex(byte[] code) {
        return HexFormat.ofDelimiter(" ").formatHex(code);
    }

    @Test
    void the_loop_over_lines_is_exactly_these_bytes() {
        assertThat(hex(ArmLineCode.writeBackLines(Instruction.CVAP, 64)))
                .isEqualTo("20 7c 0b d5 00 00 01 91 21 04 00 f1 a1 ff ff 54 c0 03 5f d6");
        assertThat(hex(ArmLineCode.writeBackLines(Instruction.CVAC, 64)))
                .isEqualTo("20 7a 0b d5 00 00 01 91 21 04 00 f1 a1 ff ff 54 c0 03 5f d6");
    }

    @Test
    void shorter_lines_of_the_processor_are_all_cleaned() {
        assertThat(hex(ArmLineCode.writeBackLines(Instruction.CVAP, 32)))
                .isEqualTo("20 7c 0b d5 00 80 00 91 20 7c 0b d5 00 80 00 91 21 04 00 f1 61 ff ff 54 c0 03 5f d6");
        assertThat(hex(ArmLineCode.writeBackLineAndFence(Instruction.CVAP, 32)))
                .isEqualTo("00 e4 7a 92 20 7c 0b d5 00 80 00 91 20 7c 0b d5 9f 3f 03 d5 c0 03 5f d6");
    }

    @Test
    void the_fence_is_exactly_these_bytes() {
        assertThat(hex(ArmLineCode.fence())).isEqualTo("9f 3f 03 d5 c0 03 5f d6");
    }

    @Test
    void write_back_and_fence_of_one_line_is_exactly_these_bytes() {
        assertThat(hex(ArmLineCode.writeBackLineAndFence(Instruction.CVAP, 64)))
                .isEqualTo("00 e4 7a 92 20 7c 0b d5 9f 3f 03 d5 c0 03 5f d6");
        assertThat(hex(ArmLineCode.writeBackLineAndFence(Instruction.CVAC, 64)))
                .isEqualTo("00 e4 7a 92 20 7a 0b d5 9f 3f 03 d5 c0 03 5f d6");
    }

    @Test
    void the_question_for_the_line_size_is_exactly_these_bytes() {
        assertThat(hex(ArmLineCode.cacheType())).isEqualTo("21 00 3b d5 01 00 00 f9 c0 03 5f d6");
    }

    @Test
    void the_point_of_persistence_is_used_where_the_kernel_lists_it() {
        assertThat(ArmProcessor.instruction(1L << 16)).isEqualTo(Instruction.CVAP);
        assertThat(ArmProcessor.instruction(~(1L << 16))).isEqualTo(Instruction.CVAC);
    }

    @Test
    void the_step_is_the_shortest_line_of_the_processor_and_never_longer_than_ours() {
        // Cortex-A72, Neoverse N1 and a processor with lines of 128 bytes.
        assertThat(ArmProcessor.stepBytes(0x8444_c004L)).isEqualTo(64);
        assertThat(ArmProcessor.stepBytes(0x0003_0000L)).isEqualTo(32);
        assertThat(ArmProcessor.stepBytes(0x0005_0000L)).isEqualTo(64);
    }
}
