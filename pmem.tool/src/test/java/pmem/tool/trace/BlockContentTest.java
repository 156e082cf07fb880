package pmem.tool.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockContentTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8, 9, 63, 64, 65, 4099})
    void any_changed_byte_of_a_block_is_noticed(int bytes) {
        byte[] memory = new byte[bytes + 8];
        MemorySegment block = MemorySegment.ofArray(memory);
        long key = BlockContent.key(1, 2, 3);
        BlockContent.fill(block, bytes, key);

        assertThat(BlockContent.matches(block, bytes, key)).isTrue();
        for (int i = 0; i < bytes; i++) {
            memory[i] ^= 1;
            assertThat(BlockContent.matches(block, bytes, key)).isFalse();
            memory[i] ^= 1;
        }
    }

    @Test
    void bytes_behind_the_block_are_left_alone() {
        byte[] memory = new byte[24];
        BlockContent.fill(MemorySegment.ofArray(memory), 13, BlockContent.key(1, 1, 1));

        for (int i = 13; i < memory.length; i++) {
            assertThat(memory[i]).isZero();
        }
    }

    @Test
    void a_block_that_is_too_short_does_not_match() {
        MemorySegment block = MemorySegment.ofArray(new byte[16]);
        BlockContent.fill(block, 16, 5);

        assertThat(BlockContent.matches(block.asSlice(0, 15), 16, 5)).isFalse();
    }

    @Test
    void a_shorter_block_carries_the_beginning_of_the_same_bytes() {
        MemorySegment block = MemorySegment.ofArray(new byte[100]);
        BlockContent.fill(block, 100, 5);

        assertThat(BlockContent.matches(block, 37, 5)).isTrue();
    }

    @Test
    void seed_object_and_version_all_change_the_content() {
        Set<Long> keys = new HashSet<>();
        for (long seed = 0; seed < 10; seed++) {
            for (int object = 0; object < 10; object++) {
                for (long version = 0; version < 10; version++) {
                    keys.add(BlockContent.key(seed, object, version));
                }
            }
        }

        assertThat(keys).hasSize(1000);
    }
}
