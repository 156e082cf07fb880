package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class CacheLineCodeTest {
    private static String hex(byte[] code) {
        return HexFormat.ofDelimiter(" ").formatHex(code);
    }

    @Test
    void the_loop_over_lines_is_exactly_these_bytes() {
        assertThat(hex(CacheLineCode.writeBackLines(WriteBackInstruction.CLWB)))
                .isEqualTo("66 0f ae 37 48 83 c7 40 48 83 ee 01 75 f2 c3");
        assertThat(hex(CacheLineCode.writeBackLines(WriteBackInstruction.CLFLUSHOPT)))
                .isEqualTo("66 0f ae 3f 48 83 c7 40 48 83 ee 01 75 f2 c3");
        assertThat(hex(CacheLineCode.writeBackLines(WriteBackInstruction.CLFLUSH)))
                .isEqualTo("0f ae 3f 48 83 c7 40 48 83 ee 01 75 f3 c3");
    }

    @Test
    void the_fence_is_exactly_these_bytes() {
        assertThat(hex(CacheLineCode.fence())).isEqualTo("0f ae f8 c3");
    }

    @Test
    void write_back_and_fence_of_one_line_is_exactly_these_bytes() {
        assertThat(hex(CacheLineCode.writeBackLineAndFence(WriteBackInstruction.CLWB)))
                .isEqualTo("66 0f ae 37 0f ae f8 c3");
        assertThat(hex(CacheLineCode.writeBackLineAndFence(WriteBackInstruction.CLFLUSHOPT)))
                .isEqualTo("66 0f ae 3f 0f ae f8 c3");
        assertThat(hex(CacheLineCode.writeBackLineAndFence(WriteBackInstruction.CLFLUSH)))
                .isEqualTo("0f ae 3f 0f ae f8 c3");
    }

    @Test
    void the_jump_back_lands_on_the_first_byte() {
        for (WriteBackInstruction instruction : WriteBackInstruction.values()) {
            byte[] code = CacheLineCode.writeBackLines(instruction);
            int endOfJump = code.length - 1;
            assertThat(endOfJump + code[endOfJump - 1])
                    .as(instruction.mnemonic())
                    .isZero();
        }
    }

    @Test
    void the_best_instruction_of_the_processor_is_taken() {
        assertThat(WriteBackInstruction.ofCpuFacts("model name\t: x\nflags\t\t: fpu clflush clflushopt clwb\n"))
                .isEqualTo(WriteBackInstruction.CLWB);
        assertThat(WriteBackInstruction.ofCpuFacts("flags\t\t: fpu clflushopt clflush\nflags : clwb\n"))
                .isEqualTo(WriteBackInstruction.CLFLUSHOPT);
        assertThat(WriteBackInstruction.ofCpuFacts("flags\t\t: fpu clflush clwbx\n"))
                .isEqualTo(WriteBackInstruction.CLFLUSH);
        assertThat(WriteBackInstruction.ofCpuFacts("")).isEqualTo(WriteBackInstruction.CLFLUSH);
    }
}
