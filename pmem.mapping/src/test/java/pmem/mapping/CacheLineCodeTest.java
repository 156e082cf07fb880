package pmem.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
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
    void the_store_past_the_cache_is_exactly_these_bytes() {
        assertThat(hex(CacheLineCode.storeAndFence())).isEqualTo("48 0f c3 37 0f ae f8 c3");
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
    void the_question_to_the_processor_is_encoded_as_an_assembler_does() {
        assertThat(HexFormat.of().formatHex(CacheLineCode.cpuid()))
                .isEqualTo("5389f831c90fa28906895e04894e0889560c5bc3");
    }

    @Test
    void the_best_instruction_that_processor_and_kernel_both_name_is_taken() {
        assertThat(best(EnumSet.allOf(WriteBackInstruction.class), "fpu clflush clflushopt clwb"))
                .isEqualTo(WriteBackInstruction.CLWB);
        assertThat(best(EnumSet.allOf(WriteBackInstruction.class), "fpu clflush clflushopt clwbx"))
                .as("the kernel took clwb out")
                .isEqualTo(WriteBackInstruction.CLFLUSHOPT);
        assertThat(best(EnumSet.of(WriteBackInstruction.CLFLUSH), "fpu clflush clflushopt clwb"))
                .as("the processor has neither")
                .isEqualTo(WriteBackInstruction.CLFLUSH);
        assertThat(best(EnumSet.noneOf(WriteBackInstruction.class), "")).isEqualTo(WriteBackInstruction.CLFLUSH);
    }

    @Test
    void the_processors_word_is_enough_where_the_kernels_list_cannot_be_read() {
        assertThat(WriteBackInstruction.best(instruction -> true, Optional.empty()))
                .isEqualTo(WriteBackInstruction.CLWB);
    }

    @Test
    void what_the_kernel_lists_the_processor_has() throws IOException {
        Path facts = Path.of("/proc/cpuinfo");
        if (!Platform.X86_64 || !Files.isReadable(facts)) {
            System.out.println("not run: no x86-64 processor facts on " + Platform.description());
            return;
        }
        Set<String> listed = WriteBackInstruction.flagsIn(Files.readString(facts));
        for (WriteBackInstruction instruction : WriteBackInstruction.values()) {
            if (listed.contains(instruction.mnemonic())) {
                assertThat(CpuId.has(instruction)).as(instruction.mnemonic()).isTrue();
            }
        }
    }

    private static WriteBackInstruction best(Set<WriteBackInstruction> processor, String flags) {
        return WriteBackInstruction.best(
                processor::contains,
                Optional.of(WriteBackInstruction.flagsIn("model\t: x\nflags\t\t: " + flags + "\nflags : no\n")));
    }
}
