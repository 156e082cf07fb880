package pmem.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class BlocksTest {
    @Test
    void a_stamp_is_found_again_at_its_whole_and_at_every_smaller_length() {
        try (Arena arena = Arena.ofConfined()) {
            for (long bytes : new long[] {1, 63, 64, 127, 128, 129, 511, 512, 513, 700, 5000}) {
                MemorySegment block = arena.allocate(bytes);
                Blocks.stamp(block, bytes, 9);
                for (long length = 1; length <= bytes; length++) {
                    Blocks.assertStamped(block, length, bytes, 9);
                }
            }
        }
    }

    @Test
    void a_changed_edge_and_a_foreign_stamp_are_noticed() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(5000);
            Blocks.stamp(block, 5000, 9);
            assertThatThrownBy(() -> Blocks.assertStamped(block, 5000, 5000, 10))
                    .isInstanceOf(AssertionError.class);
            for (long offset : new long[] {0, 63, 512, 4608, 4936, 4999}) {
                byte before = block.get(ValueLayout.JAVA_BYTE, offset);
                block.set(ValueLayout.JAVA_BYTE, offset, (byte) (before + 1));
                assertThatThrownBy(() -> Blocks.assertStamped(block, 5000, 5000, 9))
                        .as("change at %d", offset)
                        .hasMessageContaining("offset=" + offset);
                block.set(ValueLayout.JAVA_BYTE, offset, before);
            }
        }
    }
}
